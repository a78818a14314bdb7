import { mount } from '../shared/mount.tsx'
import { App } from './app.tsx'
import './play.css'

mount(<App />)

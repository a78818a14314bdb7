import { mount } from '../shared/mount.tsx'
import { App } from './app.tsx'
import './screen.css'

mount(<App />)

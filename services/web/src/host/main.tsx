import { mount } from '../shared/mount.tsx'
import { App } from './app.tsx'
import './host.css'

mount(<App />)

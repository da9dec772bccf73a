import DefaultTheme from 'vitepress/theme'
import type { Theme } from 'vitepress'
import { LiveDemo } from './live-demo.js'
import './live-demo.css'

export default {
  extends: DefaultTheme,
  enhanceApp: ({ app }) => void app.component('LiveDemo', LiveDemo),
} satisfies Theme

import { withBase } from 'vitepress'
import { defineComponent, h, onMounted, ref } from 'vue'

/**
 * Shows the demo in the page, with a link to it in a page of its own. Its content, such as a picture, is shown where
 * scripts do not run.
 */
export const LiveDemo = defineComponent((_, { slots }) => {
  const live = ref(false)
  onMounted(() => (live.value = true))
  return () => {
    const src = withBase('/live-demo/index.html')
    return h('div', { class: 'live-demo' }, [
      live.value
        ? h('iframe', {
            src,
            title: 'The demo, with a server that is simulated in the page',
            loading: 'lazy',
          })
        : slots['default']?.(),
      h('p', h('a', { href: src, target: '_self' }, 'Open the demo in its own page')),
    ])
  }
})

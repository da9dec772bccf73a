/** What `require` gives, where a bundler says which build that is. */
module.exports = require('everopen')

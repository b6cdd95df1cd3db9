export default () => ['mayfly', 'damselfly', 'dragonfly'];

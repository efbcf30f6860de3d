const node = { target: process.env.PARLEY_URL ?? 'http://localhost:8000' };

/** While developing, and in `vite preview`, page and node have one address, so the node's cookies work. */
export default {
  esbuild: { jsx: 'automatic' },
  server: {
    proxy: { '/auth': node, '/users': node, '/agent': node, '/socket.io': { ...node, ws: true } },
  },
};

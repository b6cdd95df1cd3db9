// Imports the file that it is told of, and says how long that took. Node.js has booted before it is told.
process.once('message', async (file) => {
  const started = performance.now();
  await import(file);
  process.send(performance.now() - started);
  process.disconnect();
});
process.send('booted');

import express from 'express';

const app = express().use(express.json());
const base = '/express-process';
app.get(`${base}/hello/:name`, (req, res) => {
  res.json({ hello: req.params.name, tags: req.query.tag, via: req.get('x-forwarded-proto') });
});
app.post(`${base}/echo`, (req, res) => {
  res.status(201).json(req.body);
});
app.get(`${base}/cookies`, (_req, res) => {
  res.cookie('a', '1').cookie('b', '2').send('baked');
});
app.get(`${base}/binary`, (_req, res) => {
  res.type('image/png').send(Buffer.from([0x89, 0x50, 0x4e, 0x47, 0, 255]));
});
app.get(`${base}/fails`, () => {
  throw new Error('on purpose');
});
app.listen(process.env.PORT, '127.0.0.1');

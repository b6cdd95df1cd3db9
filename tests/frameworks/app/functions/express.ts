import { expressApp } from '../apps/express.ts';

expressApp('/express').listen(process.env.PORT, () => console.log('listening'));

import { startApp } from './lab/nodes/app.js';
import { stopTestPostgres } from './lab/stores/database.js';
import { stopSharedHasher } from './lab/nodes/shared-hasher.js';
const a = await startApp(); await a.stop();
const N=15; const c0=process.cpuUsage(); let t0=performance.now();
let st=0, reg=0, sp=0;
for (let i=0;i<N;i++){ let c=process.cpuUsage(); const app=await startApp(); let d=process.cpuUsage(c); st+=d.user+d.system; c=process.cpuUsage(); const u=await app.register('alice'); await app.device(u); d=process.cpuUsage(c); reg+=d.user+d.system; c=process.cpuUsage(); await app.stop(); d=process.cpuUsage(c); sp+=d.user+d.system; }
console.log('start ms', st/N/1000,'register+device',reg/N/1000,'stop',sp/N/1000,'wall',(performance.now()-t0)/N);
await stopTestPostgres(); await stopSharedHasher();
process.exit(0)

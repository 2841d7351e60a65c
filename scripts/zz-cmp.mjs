import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chromium } from '@playwright/test';
const folders = process.argv.slice(2,-1); const N=Number(process.argv.at(-1));
const servers=[];
for (const f of folders){ const s=spawn(process.execPath,['scripts/serve.mjs',f],{env:{...process.env,HOST:'127.0.0.1',PORT:'0'},stdio:['ignore','pipe','inherit']}); const [g]=await once(s.stdout,'data'); servers.push({f,s,a:/http:\S+/.exec(g.toString())[0],pic:[],live:[],shift:[]}); }
const browser = await chromium.launch({executablePath:'/usr/bin/chromium',args:['--no-sandbox','--disable-gpu','--disable-background-networking','--no-first-run']});
const med=v=>v.toSorted((a,b)=>a-b)[v.length>>1];
for (let i=0;i<N;i++) for (const s of servers){
  const ctx=await browser.newContext({viewport:{width:1280,height:900}}); const page=await ctx.newPage();
  await page.addInitScript(()=>{window.layoutShift=0;new PerformanceObserver(l=>{for(const e of l.getEntries())window.layoutShift+=e.value}).observe({type:'layout-shift',buffered:true});const t=setInterval(()=>{if(document.querySelector('[data-live=true]')){clearInterval(t);window.liveMs=performance.now()}},2)});
  await page.goto(s.a); await page.waitForFunction(()=>window.liveMs,null,{timeout:20000});
  await page.waitForTimeout(500);
  const r=await page.evaluate(()=>[performance.getEntriesByName('first-contentful-paint')[0]?.startTime,window.liveMs,window.layoutShift]);
  s.pic.push(Math.round(r[0]));s.live.push(Math.round(r[1]));s.shift.push(r[2]); await ctx.close();
}
for (const s of servers) console.log(s.f,'pic',med(s.pic),s.pic.join(' '),'| live',med(s.live),s.live.join(' '),'| shift',Math.max(...s.shift));
for (const s of servers) s.s.kill();
process.exit(0);

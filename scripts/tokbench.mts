import { countTokens, clearMergeCache } from 'gpt-tokenizer/encoding/o200k_base';
import { loadTokenizer } from '../src/adapters/openai/tokenizer.js';
const AS_TEXT = { disallowedSpecial: new Set<string>() };
const rnd=(a:number,n:number)=>String.fromCharCode(a+Math.floor(Math.random()*n));
const rep=(f:()=>string,n:number)=>{let s='';while(s.length<n)s+=f();return s.slice(0,n)};
const N=16384;
const b64='ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
const texts:Record<string,()=>string>={
 slashnl:()=> rep(()=>'/\n',N), slashrnd:()=>rep(()=>'/\n\r'[Math.floor(Math.random()*3)]!,N), nlslash:()=> rep(()=>'!\n/\r',N), nl:()=> '\n'.repeat(N), spnl:()=> rep(()=>' \n',N), sprnd:()=> rep(()=>' \n\t\r'[Math.floor(Math.random()*4)]!,N),tabs:()=>'\t'.repeat(N),
 cjk:()=> rep(()=>rnd(0x4e00,20000),N), letters:()=> rep(()=>rnd(97,26),N), Upper:()=> rep(()=>rnd(65,26),N), sp:()=>' '.repeat(N), signs:()=> rep(()=>rnd(33,14),N),
 a:()=>'a'.repeat(N), emoji:()=> rep(()=>'👩‍👩‍👧😀',N), emojirnd:()=>rep(()=>String.fromCodePoint(0x1f300+Math.floor(Math.random()*1500)),N), b64:()=> rep(()=>b64[Math.floor(Math.random()*64)]!,N), digits:()=> rep(()=>rnd(48,10),N), hangul:()=> rep(()=>rnd(0xac00,11000),N), thai:()=> rep(()=>rnd(0xe01,58),N),
 apostr:()=> rep(()=>"'s",N), aposrnd:()=>rep(()=>"'"+rnd(97,26),N), sletter:()=>rep(()=>' '+rnd(97,26)+rnd(0x4e00,20000),N), combining:()=> 'a'+'\u0301'.repeat(N-1), arabic:()=> rep(()=>rnd(0x627,36),N), surr:()=> '\ud83d'.repeat(N), words:()=> rep(()=>'The quick brown fox jumps over the lazy dog, and then it rests. ',N), zwj:()=>'\u200d'.repeat(N), randbmp:()=> rep(()=>rnd(0x100,0xd000),N),rand2: ()=> rep(()=>rnd(0x20,0x5f)+rnd(0x100,0xd000),N), camel:()=> rep(()=>'aB',N),code:()=> rep(()=>'if (a[i] !== b.c) { return foo(bar, 12); }\n',N), punct:()=>rep(()=>rnd(33,14)+' ',N), special:()=>rep(()=>'<|endoftext|>',N), lt:()=>'<|'.repeat(N/2),
};
const t=await loadTokenizer();
t.count('warm up text '.repeat(1000));
function* pieces(text:string,M:number){ for(let from=0;from<text.length;){ let to=Math.min(from+M,text.length); if(to<text.length){const s=text.lastIndexOf(' ',to); if(s>from) to=s; else if((text.charCodeAt(to)&0xfc00)===0xdc00) to--; } yield text.slice(from,to); from=to; } }
const cnt=(text:string,M:number)=>{let n=0; for(const p of pieces(text,M)) n+=countTokens(p,AS_TEXT); return n;};
for(const f of Object.values(texts)) { cnt(f(),96); t.count(f()); }
const time=(mk:()=>string,f:(s:string)=>number)=>{const ts=[] as number[]; let v=0; for(let i=0;i<3;i++){clearMergeCache(); const x=mk(); const s=performance.now(); v=f(x); ts.push(performance.now()-s);} return [v,ts.sort((a,b)=>a-b)[1]!.toFixed(1)].join(' ')};
for(const [k,mk] of Object.entries(texts)){ console.log(k.padEnd(10), 'now',time(mk,s=>t.count(s)), '| 64:',time(mk,s=>cnt(s,64)),'| 96:',time(mk,s=>cnt(s,96)),'| 128:',time(mk,s=>cnt(s,128)),'| 256:',time(mk,s=>cnt(s,256))); }

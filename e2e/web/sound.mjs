// G.711 µ-law tones and what is in a sound: enough telephony to prove that two people would hear each other.

export const rate = 8000; // samples per second
export const frame = 160; // samples of a packet: 20 ms

const bias = 0x84;

/** One sample −1…1 as a µ-law byte (ITU-T G.711). */
export function toMuLaw(sample) {
  let pcm = Math.max(-32635, Math.min(32635, Math.round(sample * 32767)));
  const sign = pcm < 0 ? 0x80 : 0;
  pcm = Math.abs(pcm) + bias;
  let exponent = 7;
  for (let mask = 0x4000; exponent > 0 && !(pcm & mask); mask >>= 1) exponent--;
  return ~(sign | (exponent << 4) | ((pcm >> (exponent + 3)) & 0x0f)) & 0xff;
}

/** A µ-law byte as a sample −1…1. */
export function fromMuLaw(byte) {
  const b = ~byte & 0xff;
  const pcm = ((((b & 0x0f) << 3) + bias) << ((b & 0x70) >> 4)) - bias;
  return (b & 0x80 ? -pcm : pcm) / 32768;
}

/** How strong a frequency is in a sound, as the amplitude it would have as a tone (Goertzel). */
export function strength(samples, frequency, sampleRate = rate) {
  const w = (2 * Math.PI * frequency) / sampleRate;
  let re = 0;
  let im = 0;
  for (let i = 0; i < samples.length; i++) {
    re += samples[i] * Math.cos(w * i);
    im += samples[i] * Math.sin(w * i);
  }
  return (2 * Math.hypot(re, im)) / Math.max(1, samples.length);
}

/** Root mean square. */
export function loudness(samples) {
  let sum = 0;
  for (const sample of samples) sum += sample * sample;
  return Math.sqrt(sum / Math.max(1, samples.length));
}

/** A WAV file (16 bit, mono, 48 kHz) with a tone of whole periods, for a browser's pretended microphone. */
export function toneFile(frequency, amplitude = 0.4, seconds = 1) {
  const sampleRate = 48_000;
  const samples = sampleRate * seconds;
  const wav = Buffer.alloc(44 + samples * 2);
  wav.write('RIFF', 0);
  wav.writeUInt32LE(36 + samples * 2, 4);
  wav.write('WAVEfmt ', 8);
  wav.writeUInt32LE(16, 16);
  wav.writeUInt16LE(1, 20);
  wav.writeUInt16LE(1, 22);
  wav.writeUInt32LE(sampleRate, 24);
  wav.writeUInt32LE(sampleRate * 2, 28);
  wav.writeUInt16LE(2, 32);
  wav.writeUInt16LE(16, 34);
  wav.write('data', 36);
  wav.writeUInt32LE(samples * 2, 40);
  for (let i = 0; i < samples; i++) {
    const value = amplitude * Math.sin((2 * Math.PI * frequency * i) / sampleRate);
    wav.writeInt16LE(Math.round(value * 32767), 44 + i * 2);
  }
  return wav;
}

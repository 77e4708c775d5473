// Listens to what a page plays: an analyser on the stream of its <audio> element.

/** Loudness (RMS) and strongest frequency of what the page plays, now. Null: it plays nothing yet. */
export function listen(page) {
  return page.evaluate(async () => {
    const stream = document.querySelector('[data-testid="remote-audio"]')?.srcObject;
    if (!stream || stream.getAudioTracks().length === 0) return null;
    const ear = (globalThis.ear ??= {});
    if (ear.stream !== stream) {
      ear.context ??= new AudioContext();
      ear.analyser = ear.context.createAnalyser();
      ear.analyser.fftSize = 4096;
      ear.analyser.smoothingTimeConstant = 0;
      ear.context.createMediaStreamSource(stream).connect(ear.analyser);
      ear.stream = stream;
      await new Promise((done) => setTimeout(done, 100));
    }
    const samples = new Float32Array(ear.analyser.fftSize);
    ear.analyser.getFloatTimeDomainData(samples);
    const spectrum = new Float32Array(ear.analyser.frequencyBinCount);
    ear.analyser.getFloatFrequencyData(spectrum);
    let peak = 0;
    for (let i = 1; i < spectrum.length; i++) if (spectrum[i] > spectrum[peak]) peak = i;
    return {
      loudness: Math.sqrt(samples.reduce((sum, s) => sum + s * s, 0) / samples.length),
      frequency: (peak * ear.context.sampleRate) / ear.analyser.fftSize,
    };
  });
}

/** Waits until something is true of what is read, and gives how long that took, ms. The timeout is for giving up. */
export async function until(read, wanted, what, timeout = 20_000) {
  const start = performance.now();
  let last;
  for (;;) {
    last = await read();
    if (wanted(last)) return Math.round(performance.now() - start);
    if (performance.now() - start > timeout)
      throw new Error(`${what}: not within ${timeout} ms; last: ${JSON.stringify(last)}`);
    await new Promise((done) => setTimeout(done, 20));
  }
}

/** The page plays a tone. */
export const playsTone = (frequency) => (heard) =>
  heard !== null && heard.loudness > 0.02 && Math.abs(heard.frequency - frequency) < 25;

/** The page plays nothing that could be heard. */
export const silent = (heard) => heard === null || heard.loudness < 0.002;

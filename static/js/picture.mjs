// A drawing (SVG) as a picture (PNG). The drawing has its colours as attributes and asks for nothing, so the page's policy has nothing to refuse.
import { aboutError, failure } from './errors.mjs';

const TYPE = 'image/png';

/**
 * A PNG, so many pixels wide and high. Rejects with Undrawable.
 * @param {string} drawing
 * @param {number} width
 * @param {number} height
 * @returns {Promise<Blob>}
 */
export async function picture(drawing, width, height) {
  const url = URL.createObjectURL(new Blob([drawing], { type: 'image/svg+xml' }));
  try {
    const image = new Image(width, height);
    image.src = url;
    await image.decode();
    const canvas = document.createElement('canvas');
    Object.assign(canvas, { width, height });
    canvas.getContext('2d')?.drawImage(image, 0, 0, width, height);
    /** @type {Blob | null} */
    const made = await new Promise((resolve) => canvas.toBlob(resolve, TYPE));
    if (!made) throw new Error('the browser made no picture');
    return made;
  } catch (thrown) {
    const { name, message } = aboutError(thrown);
    throw failure('Undrawable', `${name}: ${message}`);
  } finally {
    URL.revokeObjectURL(url);
  }
}

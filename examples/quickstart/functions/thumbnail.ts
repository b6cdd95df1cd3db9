import sharp from 'sharp';

const SIDE_MAX = 320;
/** Side of the watermark, as a part of the picture's shorter side. */
const MARK_PART = 0.3;

/** A mayfly in white on a dark disc. Shapes, not letters: a sandbox has no fonts. */
const MARK = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 100 100">
  <circle cx="50" cy="50" r="48" fill="#000" fill-opacity="0.55"/>
  <g fill="#fff" fill-opacity="0.9">
    <ellipse cx="33" cy="36" rx="9" ry="25" transform="rotate(-38 33 36)"/>
    <ellipse cx="67" cy="36" rx="9" ry="25" transform="rotate(38 67 36)"/>
    <ellipse cx="50" cy="52" rx="5" ry="20"/>
  </g>
  <path d="M48 70 Q42 84 30 92 M52 70 Q58 84 70 92" fill="none" stroke="#fff" stroke-opacity="0.9" stroke-width="2.5"/>
</svg>`;

/**
 * POST a picture (JPEG, PNG, WebP, AVIF, GIF …): it comes back at most 320 pixels wide and high, upright, with a
 * watermark in its lower right corner; as WebP when the client accepts that, as JPEG otherwise.
 */
export default {
  async fetch(request: Request): Promise<Response> {
    const picture = Buffer.from(await request.arrayBuffer());
    const format = request.headers.get('accept')?.includes('image/webp') ? 'webp' : 'jpeg';
    try {
      const { data, info } = await shrink(picture, format);
      console.log('thumbnail', {
        from: picture.length,
        to: data.length,
        width: info.width,
        height: info.height,
      });
      return new Response(new Uint8Array(data), { headers: { 'content-type': `image/${format}` } });
    } catch (error) {
      console.warn('not a picture', { bytes: picture.length, why: (error as Error).message });
      return Response.json({ error: 'The body is no picture that can be read.' }, { status: 400 });
    }
  },
};

async function shrink(picture: Buffer, format: 'webp' | 'jpeg') {
  const { data, info } = await sharp(picture)
    .rotate()
    .resize({ width: SIDE_MAX, height: SIDE_MAX, fit: 'inside', withoutEnlargement: true })
    .png({ compressionLevel: 1 })
    .toBuffer({ resolveWithObject: true });
  const side = Math.max(1, Math.round(Math.min(info.width, info.height) * MARK_PART));
  const mark = await sharp(Buffer.from(MARK)).resize(side, side).png().toBuffer();
  return sharp(data)
    .composite([{ input: mark, gravity: 'southeast' }])
    .toFormat(format, { quality: 82 })
    .toBuffer({ resolveWithObject: true });
}

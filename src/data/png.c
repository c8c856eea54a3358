#include "data/png.h"

#include "base/mem.h"
#include "data/input.h"
#include "data/raw.h"

#include <png.h>
#include <setjmp.h>
#include <string.h>

static const unsigned char signature[8] = {0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n'};

bool hg__png_is(const unsigned char *data, size_t length)
{
    return length >= 8 && memcmp(data, signature, 8) == 0;
}

static size_t word(const unsigned char *at)
{
    return (size_t)at[0] << 24 | (size_t)at[1] << 16 | (size_t)at[2] << 8 | at[3];
}

bool hg__png_glance(const unsigned char *data, size_t length, struct hg__png_header *header)
{
    if (!hg__png_is(data, length) || length < 33 || memcmp(data + 8, "\0\0\0\15IHDR", 8) != 0)
        return false;
    header->width = word(data + 16);
    header->height = word(data + 20);
    header->type = data[24] == 16 ? HG__U16 : HG__U8;
    header->channels = data[25] == 0 || data[25] == 4 ? 1 : 3;
    return header->width > 0 && header->height > 0 && header->width <= PNG_UINT_31_MAX &&
           header->height <= PNG_UINT_31_MAX;
}

/* ---- libpng, whose errors jump ---- */

struct decoder {
    png_structp png;
    png_infop info;
    const unsigned char *next;
    size_t left;
    unsigned char *pixels; /* rows as libpng gives them */
    png_bytep *rows;
    size_t row_bytes;
    png_uint_32 width, height;
    int channels, depth; /* after expansion: 1..4, 8 or 16 */
    bool no_memory;
    char wrong[128];
    jmp_buf back;
};

static void on_error(png_structp png, png_const_charp text)
{
    struct decoder *decoder = png_get_error_ptr(png);

    strncpy(decoder->wrong, text, sizeof decoder->wrong - 1);
    longjmp(decoder->back, 1);
}

static void on_warning(png_structp png, png_const_charp text)
{
    (void)png;
    (void)text;
}

static void on_read(png_structp png, png_bytep out, size_t length)
{
    struct decoder *decoder = png_get_io_ptr(png);

    if (length > decoder->left)
        png_error(png, "the file ends early");
    memcpy(out, decoder->next, length);
    decoder->next += length;
    decoder->left -= length;
}

static png_voidp on_malloc(png_structp png, png_alloc_size_t size)
{
    struct decoder *decoder = png_get_mem_ptr(png);
    void *area = hg__alloc(size, 1);

    if (!area)
        decoder->no_memory = true;
    return area;
}

static void on_free(png_structp png, png_voidp area)
{
    (void)png;
    hg__free(area);
}

/* To 8 or 16 bits a channel, palette and transparency expanded. */
static void expand(struct decoder *decoder)
{
    png_set_expand(decoder->png);
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    png_set_swap(decoder->png);
#endif
    (void)png_set_interlace_handling(decoder->png);
    png_read_update_info(decoder->png, decoder->info);
    decoder->row_bytes = png_get_rowbytes(decoder->png, decoder->info);
    decoder->channels = png_get_channels(decoder->png, decoder->info);
    decoder->depth = png_get_bit_depth(decoder->png, decoder->info);
}

/* All that libpng does; its errors return false. State is in *decoder alone, so that nothing in
 * a register is lost by the jump. */
static bool run(struct decoder *decoder, size_t max_bytes)
{
    if (setjmp(decoder->back))
        return false;
    decoder->info = png_create_info_struct(decoder->png);
    if (!decoder->info)
        png_error(decoder->png, "no memory");
    png_set_read_fn(decoder->png, decoder, on_read);
    png_set_user_limits(decoder->png, PNG_UINT_31_MAX, PNG_UINT_31_MAX);
    png_set_chunk_malloc_max(decoder->png, 1 << 24);
    png_read_info(decoder->png, decoder->info);
    decoder->width = png_get_image_width(decoder->png, decoder->info);
    decoder->height = png_get_image_height(decoder->png, decoder->info);
    expand(decoder);
    if (decoder->row_bytes > max_bytes / decoder->height)
        decoder->no_memory = true;
    else
        decoder->pixels = hg__alloc(decoder->height, decoder->row_bytes);
    decoder->rows = hg__alloc(decoder->height, sizeof *decoder->rows);
    if (!decoder->pixels || !decoder->rows) {
        decoder->no_memory = true;
        png_error(decoder->png, "no memory");
    }
    for (png_uint_32 i = 0; i < decoder->height; i++)
        decoder->rows[i] = decoder->pixels + i * decoder->row_bytes;
    png_read_image(decoder->png, decoder->rows);
    png_read_end(decoder->png, NULL);
    return true;
}

/* ---- rows to planes, alpha over black ---- */

static unsigned over_black(unsigned value, unsigned alpha, unsigned full)
{
    return (unsigned)(((uint64_t)value * alpha + full / 2) / full);
}

static void planes8(const struct decoder *decoder, int colours, uint8_t *out)
{
    size_t pixels = (size_t)decoder->width * decoder->height;
    const uint8_t *in = decoder->pixels;
    bool alpha = decoder->channels != colours;

    for (size_t i = 0; i < pixels; i++, in += decoder->channels)
        for (int c = 0; c < colours; c++)
            out[(size_t)c * pixels + i] = alpha ? (uint8_t)over_black(in[c], in[colours], 255)
                                                : in[c];
}

static void planes16(const struct decoder *decoder, int colours, uint16_t *out)
{
    size_t pixels = (size_t)decoder->width * decoder->height;
    const uint16_t *in = (const uint16_t *)(const void *)decoder->pixels;
    bool alpha = decoder->channels != colours;

    for (size_t i = 0; i < pixels; i++, in += decoder->channels)
        for (int c = 0; c < colours; c++)
            out[(size_t)c * pixels + i] = alpha ? (uint16_t)over_black(in[c], in[colours], 65535)
                                                : in[c];
}

static bool to_planes(const struct decoder *decoder, struct hg__picture *picture)
{
    int colours = decoder->channels >= 3 ? 3 : 1;

    picture->shape = (struct hg_shape){colours, (int)decoder->height, (int)decoder->width};
    picture->type = decoder->depth == 16 ? HG__U16 : HG__U8;
    picture->values = hg__alloc(hg_shape_size(picture->shape), hg__type_size(picture->type));
    if (!picture->values)
        return false;
    if (picture->type == HG__U16)
        planes16(decoder, colours, picture->values);
    else
        planes8(decoder, colours, picture->values);
    return true;
}

static enum hg_status check(const struct hg__bytes *bytes, const struct hg__png_limit *limit,
                            struct hg_error *error)
{
    struct hg__png_header header;

    if (!hg__png_is(bytes->data, bytes->length))
        return hg_error_set(error, HG_DAMAGED, "%s: does not begin as a PNG", limit->name);
    if (!hg__png_glance(bytes->data, bytes->length, &header))
        return hg_error_set(error, HG_DAMAGED, "%s: its PNG header (IHDR) is damaged", limit->name);
    if (header.width > limit->max_pixels / header.height)
        return hg_error_set(error, HG_DAMAGED,
                            "%s: %zux%zu pixels; the limit is %zu pixels (--max-pixels)",
                            limit->name, header.width, header.height, limit->max_pixels);
    return HG_OK;
}

enum hg_status hg__png_decode(const struct hg__bytes *bytes, const struct hg__png_limit *limit,
                              struct hg__picture *picture, struct hg_error *error)
{
    struct decoder *decoder;
    enum hg_status status = check(bytes, limit, error);

    picture->values = NULL;
    if (status != HG_OK)
        return status;
    decoder = hg__alloc(1, sizeof *decoder);
    if (!decoder)
        return hg_error_set(error, HG_NO_MEMORY, "%s: no memory", limit->name);
    decoder->next = bytes->data;
    decoder->left = bytes->length;
    if (!setjmp(decoder->back))
        decoder->png = png_create_read_struct_2(PNG_LIBPNG_VER_STRING, decoder, on_error,
                                                on_warning, decoder, on_malloc, on_free);
    if (!decoder->png)
        decoder->no_memory = true;
    if (decoder->png && run(decoder, limit->max_bytes) && !to_planes(decoder, picture))
        decoder->no_memory = true;
    if (!picture->values) {
        if (decoder->no_memory)
            status = hg_error_set(error, HG_NO_MEMORY, "%s: no memory to decode it", limit->name);
        else
            status = hg_error_set(error, HG_DAMAGED, "%s: broken PNG: %s, by byte %zu", limit->name,
                                  decoder->wrong, bytes->length - decoder->left);
    }
    if (decoder->png)
        png_destroy_read_struct(&decoder->png, &decoder->info, NULL);
    hg__free(decoder->pixels);
    hg__free(decoder->rows);
    hg__free(decoder);
    return status;
}

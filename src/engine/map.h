/* map.h - how one sample's image lies in memory while convolutions work on it.
 *
 * NHWC: pixel after pixel of a row, row after row; a pixel has hg__pad(channels)
 * floats, those beyond `channels` zero. Around the image lie `border` pixels on
 * every side, always zero, so that no kernel asks where the image ends.
 *
 * Outside of a stack of convolutions a sample is a row of numbers in PyTorch's
 * order, channel, row, column: called "planar" here.
 */
#ifndef HG_ENGINE_MAP_H
#define HG_ENGINE_MAP_H

#include "engine/kernel.h"

struct hg__map {
    size_t channels, rows, columns, border;
    size_t pixel; /* floats from pixel to pixel: hg__pad(channels) */
    size_t row;   /* floats from row to row: (columns + 2 border) pixel */
    size_t size;  /* floats in all: (rows + 2 border) row */
};

static inline struct hg__map hg__map_of(struct hg_shape shape, size_t border)
{
    struct hg__map map = {.channels = (size_t)shape.channels,
                          .rows = (size_t)shape.rows,
                          .columns = (size_t)shape.columns,
                          .border = border};

    map.pixel = hg__pad(map.channels);
    map.row = (map.columns + 2 * border) * map.pixel;
    map.size = (map.rows + 2 * border) * map.row;
    return map;
}

/* Where pixel (row, column) begins. */
static inline size_t hg__map_at(const struct hg__map *map, size_t row, size_t column)
{
    return (row + map->border) * map->row + (column + map->border) * map->pixel;
}

#endif

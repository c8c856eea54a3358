/* safetensors_header.h - the JSON header of a safetensors file, checked. */
#ifndef HG_RUN_SAFETENSORS_HEADER_H
#define HG_RUN_SAFETENSORS_HEADER_H

#include "run/safetensors.h"

/* A header beyond this is hostile: a thousand tensors take 100 KB. */
enum { HG__ST_HEADER_MOST = 16 << 20 };

/* Fills entries and metadata of `file` (size and path are set). HG_DAMAGED. */
enum hg_status hg__st_parse_header(struct hg__st_file *file, const char *text, size_t length,
                                   struct hg_error *error);

#endif

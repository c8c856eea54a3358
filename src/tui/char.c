/* char.c - characters: UTF-8, their widths, and their spelling in ASCII. */
#include "tui/char.h"
#include "tui/canvas.h"

#include <string.h>

struct range {
    uint32_t first, last;
};

/* Combining marks and format characters: they take no column. */
static const struct range narrow[] = {
    {0x0300, 0x036F}, {0x0483, 0x0489},   {0x0591, 0x05BD},   {0x05BF, 0x05BF}, {0x05C1, 0x05C2},
    {0x0610, 0x061A}, {0x064B, 0x065F},   {0x0670, 0x0670},   {0x06D6, 0x06DC}, {0x06DF, 0x06E4},
    {0x0900, 0x0902}, {0x093C, 0x093C},   {0x0941, 0x0948},   {0x094D, 0x094D}, {0x0E31, 0x0E31},
    {0x0E34, 0x0E3A}, {0x0E47, 0x0E4E},   {0x1AB0, 0x1AFF},   {0x1DC0, 0x1DFF}, {0x200B, 0x200F},
    {0x2028, 0x202E}, {0x2060, 0x206F},   {0x20D0, 0x20FF},   {0xFE00, 0xFE0F}, {0xFE20, 0xFE2F},
    {0xFEFF, 0xFEFF}, {0x1F3FB, 0x1F3FF}, {0xE0000, 0xE01EF},
};

/* East Asian wide and full-width characters and emoji: they take two. */
static const struct range wide[] = {
    {0x1100, 0x115F},   {0x231A, 0x231B},   {0x2329, 0x232A},   {0x23E9, 0x23EC},
    {0x25FD, 0x25FE},   {0x2614, 0x2615},   {0x2648, 0x2653},   {0x26AA, 0x26AB},
    {0x26BD, 0x26BE},   {0x2705, 0x2705},   {0x270A, 0x270B},   {0x2728, 0x2728},
    {0x274C, 0x274C},   {0x2753, 0x2755},   {0x2795, 0x2797},   {0x2B1B, 0x2B1C},
    {0x2B50, 0x2B50},   {0x2E80, 0x303E},   {0x3041, 0x33FF},   {0x3400, 0x4DBF},
    {0x4E00, 0xA4CF},   {0xA960, 0xA97F},   {0xAC00, 0xD7A3},   {0xF900, 0xFAFF},
    {0xFE30, 0xFE6F},   {0xFF00, 0xFF60},   {0xFFE0, 0xFFE6},   {0x16FE0, 0x18AFF},
    {0x1B000, 0x1B2FF}, {0x1F004, 0x1F004}, {0x1F0CF, 0x1F0CF}, {0x1F18E, 0x1F19A},
    {0x1F200, 0x1F320}, {0x1F32D, 0x1F64F}, {0x1F680, 0x1F6FF}, {0x1F7E0, 0x1F7EB},
    {0x1F90C, 0x1F9FF}, {0x1FA70, 0x1FAFF}, {0x20000, 0x3FFFD},
};

static bool inside(const struct range *ranges, size_t count, uint32_t character)
{
    for (size_t i = 0; i < count && ranges[i].first <= character; i++) {
        if (character <= ranges[i].last) {
            return true;
        }
    }
    return false;
}

int ui_char_width(uint32_t character)
{
    if (character < 0x20 || (character >= 0x7F && character < 0xA0)) {
        return -1;
    }
    if (character < 0x300) {
        return 1;
    }
    if (inside(narrow, sizeof narrow / sizeof *narrow, character)) {
        return 0;
    }
    return inside(wide, sizeof wide / sizeof *wide, character) ? 2 : 1;
}

/* Length of the sequence a lead byte begins; 0 = it begins none. */
static int sequence(unsigned char lead, uint32_t *bits, uint32_t *least)
{
    if (lead < 0x80) {
        *bits = lead;
        *least = 0;
        return 1;
    }
    if (lead >= 0xC2 && lead < 0xE0) {
        *bits = lead & 0x1Fu;
        *least = 0x80;
        return 2;
    }
    if (lead >= 0xE0 && lead < 0xF0) {
        *bits = lead & 0x0Fu;
        *least = 0x800;
        return 3;
    }
    if (lead >= 0xF0 && lead < 0xF5) {
        *bits = lead & 0x07u;
        *least = 0x10000;
        return 4;
    }
    return 0;
}

uint32_t ui_next_char(const char **text)
{
    const unsigned char *at = (const unsigned char *)*text;
    uint32_t character, least;
    int length;

    if (*at == 0) {
        return 0;
    }
    length = sequence(*at, &character, &least);
    for (int i = 1; i < length; i++) {
        if ((at[i] & 0xC0) != 0x80) {
            length = 0;
            break;
        }
        character = character << 6 | (at[i] & 0x3Fu);
    }
    if (length == 0 || character < least || character > 0x10FFFF ||
        (character >= 0xD800 && character < 0xE000)) {
        *text += 1;
        return 0xFFFD;
    }
    *text += length;
    return character;
}

size_t ui_char_encode(uint32_t character, char out[4])
{
    if (character < 0x80) {
        out[0] = (char)character;
        return 1;
    }
    if (character < 0x800) {
        out[0] = (char)(0xC0 | character >> 6);
        out[1] = (char)(0x80 | (character & 0x3F));
        return 2;
    }
    if (character < 0x10000) {
        out[0] = (char)(0xE0 | character >> 12);
        out[1] = (char)(0x80 | (character >> 6 & 0x3F));
        out[2] = (char)(0x80 | (character & 0x3F));
        return 3;
    }
    out[0] = (char)(0xF0 | character >> 18);
    out[1] = (char)(0x80 | (character >> 12 & 0x3F));
    out[2] = (char)(0x80 | (character >> 6 & 0x3F));
    out[3] = (char)(0x80 | (character & 0x3F));
    return 4;
}

const char *ui_char_ascii(uint32_t character)
{
    static const struct spelling {
        uint32_t character;
        char ascii[4];
    } spellings[] = {
        {0x00A0, " "},  {0x00B0, "deg"}, {0x00B1, "+-"}, {0x00B2, "2"},   {0x00B5, "u"},
        {0x00B7, "."},  {0x00D7, "x"},   {0x00F7, "/"},  {0x2010, "-"},   {0x2011, "-"},
        {0x2012, "-"},  {0x2013, "-"},   {0x2014, "-"},  {0x2018, "'"},   {0x2019, "'"},
        {0x201C, "\""}, {0x201D, "\""},  {0x2022, "o"},  {0x2026, "..."}, {0x2032, "'"},
        {0x2190, "<-"}, {0x2191, "^"},   {0x2192, "->"}, {0x2193, "v"},   {0x2212, "-"},
        {0x221A, "V"},  {0x2248, "~"},   {0x2264, "<="}, {0x2265, ">="},  {0x2500, "-"},
        {0x2501, "="},  {0x2502, "|"},   {0x2503, "|"},  {0x250C, "+"},   {0x2510, "+"},
        {0x2514, "+"},  {0x2518, "+"},   {0x251C, "+"},  {0x2524, "+"},   {0x252C, "+"},
        {0x2534, "+"},  {0x253C, "+"},   {0x2581, "_"},  {0x2588, "#"},   {0x258C, "#"},
        {0x25A0, "#"},  {0x25B2, "^"},   {0x25B6, ">"},  {0x25B8, ">"},   {0x25BC, "v"},
        {0x25C2, "<"},  {0x25CB, "o"},   {0x25CF, "*"},  {0x2713, "v"},   {0x2717, "x"},
        {0x23F8, "="},
    };

    for (size_t i = 0; i < sizeof spellings / sizeof *spellings; i++) {
        if (spellings[i].character == character) {
            return spellings[i].ascii;
        }
    }
    return "?";
}

int ui_width(const char *text, bool ascii)
{
    int columns = 0;
    uint32_t character;

    while ((character = ui_next_char(&text)) != 0) {
        int width = ui_char_width(character);
        if (width < 0) {
            width = 1; /* drawn as '?' */
        } else if (ascii && character >= 0x80 && width > 0) {
            width = (int)strlen(ui_char_ascii(character));
        }
        columns += width;
    }
    return columns;
}

#include "base64.h"

#include <stdlib.h>

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

void mod_mls_text_add_base64(mod_mls_text_t *text, mls_view_t bytes)
{
    for (size_t i = 0; i < bytes.len; i += 3) {
        size_t n = bytes.len - i < 3 ? bytes.len - i : 3;
        uint32_t group = (uint32_t)bytes.data[i] << 16;
        if (n > 1)
            group |= (uint32_t)bytes.data[i + 1] << 8;
        if (n > 2)
            group |= bytes.data[i + 2];
        char quad[4] = { alphabet[group >> 18], alphabet[group >> 12 & 63],
                         n > 1 ? alphabet[group >> 6 & 63] : '=', n > 2 ? alphabet[group & 63] : '=' };
        mod_mls_text_add_bytes(text, quad, sizeof quad);
    }
}

static int digit(char c)
{
    if (c >= 'A' && c <= 'Z')
        return c - 'A';
    if (c >= 'a' && c <= 'z')
        return c - 'a' + 26;
    if (c >= '0' && c <= '9')
        return c - '0' + 52;
    return c == '+' ? 62 : c == '/' ? 63 : -1;
}

static bool is_xml_space(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* What was read so far of a quad of four characters. */
typedef struct reader {
    uint32_t bits;
    unsigned num_digits, num_padding; /* of this quad */
    bool is_over;                     /* padding ends it all */
} reader_t;

/* Takes one character; the bytes of a full quad go to `out`, and their number to `*len`. */
static bool take(reader_t *reader, uint8_t *out, size_t *len, char c)
{
    int value = digit(c);

    if (reader->is_over || (c != '=' && (value < 0 || reader->num_padding > 0)))
        return false;
    if (c == '=')
        reader->num_padding++;
    else
        reader->num_digits++;
    reader->bits = reader->bits << 6 | (c == '=' ? 0 : (uint32_t)value);
    if (reader->num_digits + reader->num_padding < 4)
        return true;
    if (reader->num_padding > 2 || (reader->num_padding == 1 && (reader->bits & 0xff) != 0) ||
        (reader->num_padding == 2 && (reader->bits & 0xffff) != 0))
        return false; /* the spare bits must be zero, or one value had several encodings */
    for (unsigned i = 0; i < 3 - reader->num_padding; i++)
        out[(*len)++] = (uint8_t)(reader->bits >> (16 - 8 * i));
    *reader = (reader_t){ .is_over = reader->num_padding > 0 };
    return true;
}

mls_status_t mod_mls_base64_decode(mls_bytes_t *out, const char *base64)
{
    reader_t reader = { 0 };
    size_t len = 0;

    *out = (mls_bytes_t){ 0 };
    if (base64 == NULL)
        return MLS_ERR_MALFORMED;
    uint8_t *data = malloc(strlen(base64) / 4 * 3 + 3);
    if (data == NULL)
        return MLS_ERR_NOMEM;
    for (const char *p = base64; *p != '\0'; p++) {
        if (!is_xml_space(*p) && !take(&reader, data, &len, *p)) {
            free(data);
            return MLS_ERR_MALFORMED;
        }
    }
    if (len == 0 || reader.num_digits + reader.num_padding > 0) {
        free(data);
        return MLS_ERR_MALFORMED;
    }
    *out = (mls_bytes_t){ data, len };
    return MLS_OK;
}

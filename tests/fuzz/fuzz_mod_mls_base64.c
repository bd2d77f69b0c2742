/* fuzz_mod_mls_base64.c -- base64: what is accepted has, apart from white space, one encoding. */
#include "base64.h"
#include "roundtrip.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    char *text = mod_mls_strndup(mls_view(data, len));
    mod_mls_text_t stripped = { 0 }, again = { 0 };
    mls_bytes_t bytes;
    for (const char *p = text; p != NULL && *p != '\0'; p++) {
        if (strchr(" \t\r\n", *p) == NULL)
            mod_mls_text_add_char(&stripped, *p);
    }
    if (mod_mls_base64_decode(&bytes, text) == MLS_OK) {
        mod_mls_text_add_base64(&again, mls_bytes_view(&bytes));
        fuzz_require(strcmp(stripped.data, again.data) == 0, "one encoding");
    }
    mls_bytes_clear(&bytes);
    mod_mls_text_clear(&stripped);
    mod_mls_text_clear(&again);
    free(text);
    return 0;
}

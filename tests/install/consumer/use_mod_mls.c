/* use_mod_mls.c -- opens nothing, and gets told so: needs the headers, mod_mls and all that it stands on. */
#include <mod_mls/mod_mls.h>

#include <stdio.h>
#include <stdlib.h>

int main(void)
{
    mod_mls_t *mls = NULL;
    mod_mls_error_t error = 0;
    mod_mls_config_t config = { .account = "not a JID", .path = "", .settings = mod_mls_settings_default() };

    if (mod_mls_open(&mls, &error, &config) == MLS_OK) {
        mod_mls_close(mls);
        return EXIT_FAILURE;
    }
    printf("%s\n", mod_mls_error_name(error));
    return EXIT_SUCCESS;
}

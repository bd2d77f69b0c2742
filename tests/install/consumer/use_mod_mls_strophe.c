/* use_mod_mls_strophe.c -- opens nothing, and gets told so: needs the adapter, libstrophe and all of mod_mls.
 */
#include <mod_mls/mod_mls_strophe.h>

#include <stdio.h>
#include <stdlib.h>

int main(void)
{
    mod_mls_strophe_t *strophe = NULL;
    mod_mls_error_t error = 0;
    mod_mls_strophe_config_t config = { .core = { .account = "not a JID", .path = "" },
                                        .client_name = "consumer" };

    config.core.settings = mod_mls_settings_default();
    if (mod_mls_strophe_open(&strophe, &error, &config) == MLS_OK) {
        mod_mls_strophe_close(strophe);
        return EXIT_FAILURE;
    }
    printf("%s\n", mod_mls_error_name(error));
    return EXIT_SUCCESS;
}

#define _XOPEN_SOURCE 700

#include "sim_inside.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

void sim_start(sim_t *sim)
{
    *sim = (sim_t){ .now = UINT64_C(1795000000000), .seed = UINT64_C(0x5eed5eed5eed5eed) };
    const char *seed = getenv("SIM_SEED");
    if (seed != NULL)
        sim->seed = strtoull(seed, NULL, 0) | 1;
    printf("seed 0x%llx (SIM_SEED)\n", (unsigned long long)sim->seed);
    sim->settings = mod_mls_settings_default();
    sim->settings.num_key_packages = 2;
    const char *temporary = getenv("TMPDIR");
    const int len = snprintf(sim->folder, sizeof sim->folder, "%s/mod-mls-test-XXXXXX",
                             temporary == NULL ? P_tmpdir : temporary);
    if (len < 0 || (size_t)len >= sizeof sim->folder || mkdtemp(sim->folder) == NULL)
        abort();
}

void sim_stop(sim_t *sim)
{
    static const char *const endings[] = { "", "-wal", "-shm", ".lock" };
    for (size_t i = 0; i < sim->num_clients; i++) {
        sim_client_t *client = &sim->clients[i];
        mod_mls_close(client->mls);
        sim_archive_clear(&client->archive);
        sim_forget_events(client);
        for (size_t k = 0; k < client->num_offline; k++)
            free(client->offline[k]);
        free(client->offline);
        for (size_t k = 0; k < sizeof endings / sizeof endings[0]; k++) {
            char path[160];
            (void)snprintf(path, sizeof path, "%s%s", client->path, endings[k]);
            (void)unlink(path);
        }
    }
    sim_forget_queued(sim, NULL);
    for (size_t i = 0; i < sim->num_rooms; i++)
        sim_archive_clear(&sim->rooms[i].archive);
    sim_clear_nodes(sim);
    (void)rmdir(sim->folder);
}

#include "names.h"

#include <stdio.h>
#include <stdlib.h>

sim_name_t sim_name(const char *kind, uint32_t number)
{
    sim_name_t name;
    snprintf(name.text, sizeof name.text, "%s %u", kind, number);
    return name;
}

uint32_t sim_number_in(mls_view_t name)
{
    char text[sizeof(sim_name_t)] = "";
    if (name.len == 0 || name.len >= sizeof text)
        return 0;
    memcpy(text, name.data, name.len);
    const char *number = strchr(text, ' ');
    return number == NULL ? 0 : (uint32_t)strtoul(number, NULL, 10);
}

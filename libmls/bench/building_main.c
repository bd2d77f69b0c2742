/* building_main.c -- mls-building [members]: see building.h. */
#include "building.h"

#include <stdlib.h>

int main(int argc, char **argv)
{
    return bench_building(argc > 1 ? (uint32_t)strtoul(argv[1], NULL, 10) : 1000);
}

/* sim_files.c -- what of the simulation is kept on the disk, and what is there in a database. */
#define _XOPEN_SOURCE 700

#include "sim_inside.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>

void sim_copy_file(const char *to, const char *from)
{
    FILE *in = fopen(from, "rb"), *out = fopen(to, "wb");
    char buffer[4096];
    size_t n;
    if (in == NULL || out == NULL) {
        printf("cannot copy %s to %s\n", from, to);
        abort();
    }
    while ((n = fread(buffer, 1, sizeof buffer, in)) > 0) {
        if (fwrite(buffer, 1, n, out) != n)
            abort();
    }
    (void)fclose(in);
    if (fclose(out) != 0)
        abort();
}

sim_client_t *sim_add_copy(sim_t *sim, const char *account, const char *database)
{
    sim_client_t *client = sim_prepare_client(sim, account);
    sim_copy_file(client->path, database);
    sim_open_client(client);
    return client;
}

/* ---- rooms --------------------------------------------------------------------------------------- */

/* The first line is the clock, the room, and the next id; then members; then one line per stanza. Nothing in
 * them holds a tab or a line break, since mod_mls writes those as references. */
void sim_save_room(sim_t *sim, const sim_room_t *room, const char *path)
{
    FILE *out = fopen(path, "w");
    if (out == NULL)
        abort();
    (void)fprintf(out, "%llu\t%s\t%llu\n", (unsigned long long)sim->now, room->jid,
                  (unsigned long long)sim->next_id);
    for (size_t i = 0; i < SIM_CLIENTS && room->members[i][0] != '\0'; i++)
        (void)fprintf(out, "member\t%s\t%s\n", room->members[i], room->affiliations[i]);
    for (size_t i = 0; i < room->archive.count; i++) {
        const sim_stanza_t *s = &room->archive.items[i];
        (void)fprintf(out, "stanza\t%s\t%s\t%s\t%s\n", s->id, s->from, s->message_id, s->inner);
    }
    if (fclose(out) != 0)
        abort();
}

/* Cuts a line at its tabs, in place; missing fields are empty. */
static void cut(char *line, char *fields[5])
{
    line[strcspn(line, "\n")] = '\0';
    for (size_t i = 0; i < 5; i++) {
        char *tab = strchr(line, '\t');
        fields[i] = line;
        line = tab == NULL ? line + strlen(line) : tab + 1;
        if (tab != NULL)
            *tab = '\0';
    }
}

void sim_load_room(sim_t *sim, const char *path)
{
    FILE *in = fopen(path, "r");
    char *line = NULL, *f[5];
    size_t size = 0;
    sim_room_t *room = NULL;
    if (in == NULL)
        abort();
    while (getline(&line, &size, in) > 0) {
        cut(line, f);
        if (room == NULL) {
            sim->now = strtoull(f[0], NULL, 10);
            sim->next_id = strtoull(f[2], NULL, 10);
            room = sim_room(sim, f[1]);
            room->is_configured = true;
        } else if (strcmp(f[0], "member") == 0) {
            (void)sim_affiliation(room, f[1], f[2]);
        } else {
            sim_stanza_t *s = sim_archive_add(sim, &room->archive, f[2], "groupchat", f[3], f[4]);
            free(s->id);
            s->id = sim_copy_text(f[1]);
            sim->next_id--;
        }
    }
    free(line);
    (void)fclose(in);
}

/* ---- looking into a database --------------------------------------------------------------------- */

static int dump_row(void *arg, int num, char **values, char **names)
{
    mod_mls_text_t *text = arg;
    (void)names;
    for (int i = 0; i < num; i++) {
        mod_mls_text_add(text, values[i] == NULL ? "NULL" : values[i]);
        mod_mls_text_add_char(text, '|');
    }
    mod_mls_text_add_char(text, '\n');
    return 0;
}

static int dump_table(void *arg, int num, char **values, char **names)
{
    char sql[512];
    sqlite3 *db = ((void **)arg)[1];
    mod_mls_text_t *text = ((void **)arg)[0];
    mod_mls_text_t columns = { 0 };
    sqlite3_stmt *info;
    (void)num, (void)names;
    (void)snprintf(sql, sizeof sql, "SELECT name FROM pragma_table_info('%s')", values[0]);
    if (sqlite3_prepare_v2(db, sql, -1, &info, NULL) != SQLITE_OK)
        abort();
    while (sqlite3_step(info) == SQLITE_ROW) {
        mod_mls_text_add(&columns, columns.len == 0 ? "quote(" : ", quote(");
        mod_mls_text_add(&columns, (const char *)sqlite3_column_text(info, 0));
        mod_mls_text_add_char(&columns, ')');
    }
    (void)sqlite3_finalize(info);
    mod_mls_text_add(text, values[0]);
    mod_mls_text_add_char(text, '\n');
    (void)snprintf(sql, sizeof sql, "SELECT %s FROM %s ORDER BY 1, 2", columns.data, values[0]);
    if (sqlite3_exec(db, sql, dump_row, text, NULL) != SQLITE_OK)
        abort();
    mod_mls_text_clear(&columns);
    return 0;
}

char *sim_dump(sim_client_t *client)
{
    sqlite3 *db;
    mod_mls_text_t text = { 0 };
    void *arg[2];
    if (sqlite3_open_v2(client->path, &db, SQLITE_OPEN_READONLY, NULL) != SQLITE_OK)
        abort();
    arg[0] = &text;
    arg[1] = db;
    if (sqlite3_exec(db, "SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name", dump_table, arg,
                     NULL) != SQLITE_OK)
        abort();
    (void)sqlite3_close(db);
    return text.data;
}

/* sim.h -- a small XMPP server inside the test: accounts with PEP and an archive, rooms with an archive, and
 * clients that are instances of mod_mls. Deterministic: one clock, one seed, one queue.
 *
 * sim_queue.c is the clock and the queue, sim_people.c the clients, sim_server.c the server with
 * sim_archive.c, sim_pep.c and sim_rooms.c; sim_files.c keeps some of it. */
#ifndef SIM_H
#define SIM_H

#include "mod_mls/mod_mls.h"

#include "core.h"

enum { SIM_CLIENTS = 6, SIM_ROOMS = 4 };

typedef struct sim sim_t;

typedef struct sim_stanza {
    char *id, *from, *to, *inner; /* inner: everything between the tags */
    char *type, *message_id;
    uint64_t at;  /* when it was archived */
    bool is_gone; /* forgotten by the archive */
} sim_stanza_t;

typedef struct sim_archive {
    sim_stanza_t *items;
    size_t count;
} sim_archive_t;

typedef struct sim_client {
    sim_t *sim;
    char account[64], full_jid[80], path[128];
    mod_mls_t *mls;
    bool is_online;
    uint64_t wake_at;
    sim_archive_t archive; /* the account's own */
    char **offline;        /* stanzas that wait for it */
    size_t num_offline;
    char **events;               /* one line each, as in sim_event_line() */
    size_t num_events, num_read; /* `num_read`: where sim_expect() goes on */
    mod_mls_answer_t last_answer;
    mod_mls_message_t last_replacement;
    char last_text[256];
} sim_client_t;

typedef struct sim_room {
    char jid[64];
    sim_archive_t archive;
    char members[SIM_CLIENTS][64];
    char affiliations[SIM_CLIENTS][16];
    char nicks[SIM_CLIENTS][64]; /* per client; "": not an occupant */
    bool is_configured, is_public;
    bool has_no_archive; /* does not archive, gives no stanza-ids, announces neither */
} sim_room_t;

typedef struct sim_node {
    struct sim_node *next;
    char account[64], node[128];
    struct sim_item {
        struct sim_item *next;
        char id[160], *element, *content;
    } * items;
} sim_node_t;

/* Says whether a stanza is lost on its way from the server to a client. */
typedef bool sim_drop_fn(sim_t *sim, sim_client_t *to, const char *stanza);

/* Where a stanza is when it is watched. */
typedef enum sim_moment {
    SIM_SENT,   /* a client has handed it to its host */
    SIM_COMING, /* a client is about to take it */
    SIM_TAKEN   /* it has; `last_answer` and the events tell what came of it */
} sim_moment_t;

/* Sees every stanza. What it returns at SIM_COMING is what the client takes: the stanza itself, or another,
 * which must live until SIM_TAKEN; elsewhere it is ignored. */
typedef const char *sim_watch_fn(void *arg, sim_client_t *client, sim_moment_t moment, const char *stanza);

struct sim {
    uint64_t now;
    uint64_t seed;
    uint64_t next_id;
    sim_client_t clients[SIM_CLIENTS];
    size_t num_clients;
    sim_room_t rooms[SIM_ROOMS];
    size_t num_rooms;
    sim_node_t *nodes;
    struct sim_queued {
        struct sim_queued *next;
        bool to_server;
        size_t client;
        char *stanza;
    } * queue, **queue_end;
    sim_drop_fn *drop;
    void *drop_arg;
    sim_watch_fn *watch;
    void *watch_arg;
    bool has_no_pep;
    const char *account_lacks[2]; /* features that the server does not announce for an account */
    mod_mls_settings_t settings;
    mls_workers_t workers; /* of clients that are opened from here on */
    char folder[100];
};

/* Begins; prints the seed. The settings are short, so that nothing waits long. */
void sim_start(sim_t *sim);
/* Closes all clients and removes their files. */
void sim_stop(sim_t *sim);

/* A client with a fresh database; offline. */
sim_client_t *sim_add(sim_t *sim, const char *account);
void sim_online(sim_client_t *client);
void sim_offline(sim_client_t *client);
/* Closes and opens it again; it is offline then. */
void sim_restart(sim_client_t *client);
/* The same, as if the process had been killed: nothing in memory is brought to an end. */
void sim_kill(sim_client_t *client);

/* Passes stanzas on until none is left. */
void sim_run(sim_t *sim);
/* Lets time pass. */
void sim_pass(sim_t *sim, uint64_t ms);

/* Puts a stanza into the way to a client, as the server would. */
void sim_deliver(sim_client_t *client, const char *stanza);
/* Lets an occupant send something into a room that no mod_mls made. `inner` is what is between the tags. */
void sim_post(sim_t *sim, sim_room_t *room, const char *nick, const char *inner);
/* The same, with the id of the message; returns the stanza-id that the room gave it. */
const char *sim_post_as(sim_t *sim, sim_room_t *room, const char *nick, const char *message_id,
                        const char *inner);

sim_room_t *sim_room(sim_t *sim, const char *jid);
sim_node_t *sim_node(sim_t *sim, const char *account, const char *node);

/* Whether an event whose line begins with `text` came since the last successful sim_expect(); the lines up to
 * it are passed over. Prints all events if not. */
bool sim_expect(sim_client_t *client, const char *text);
/* How many events there were in all whose line begins with `text`. */
size_t sim_count(const sim_client_t *client, const char *text);
void sim_forget_events(sim_client_t *client);

/* Writes the clock and a room with its archive into a file, and reads them back. */
void sim_save_room(sim_t *sim, const sim_room_t *room, const char *path);
void sim_load_room(sim_t *sim, const char *path);
/* A client with a copy of a database; offline. */
sim_client_t *sim_add_copy(sim_t *sim, const char *account, const char *database);
void sim_copy_file(const char *to, const char *from);

/* All tables of mod_mls and libmls as one text, to compare. The caller frees it. */
char *sim_dump(sim_client_t *client);

#endif

#include "driver.h"

#include "clock.h"
#include "must.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

extern char **environ;

static const double PATIENCE_US = 300e6;

struct bench_driver {
    pid_t pid;    /* 0: it has been ended */
    int socket;   /* its standard input and output */
    char why[64]; /* it has been ended */
};

/* ---- beginning and ending ------------------------------------------------------------------------- */

static bool spawn(pid_t *pid, int end, const char *command, unsigned threads)
{
    char shell[] = "sh", option[] = "-c", script[2048];
    char *const arguments[] = { shell, option, script, NULL };
    posix_spawn_file_actions_t actions;
    const int len =
        snprintf(script, sizeof script, "export RAYON_NUM_THREADS=%u UV_THREADPOOL_SIZE=%u; exec %s", threads,
                 threads, command);
    if (len < 0 || (size_t)len >= sizeof script || posix_spawn_file_actions_init(&actions) != 0)
        return false;
    const bool is_running = posix_spawn_file_actions_adddup2(&actions, end, STDIN_FILENO) == 0 &&
                            posix_spawn_file_actions_adddup2(&actions, end, STDOUT_FILENO) == 0 &&
                            posix_spawn(pid, "/bin/sh", &actions, NULL, arguments, environ) == 0;
    posix_spawn_file_actions_destroy(&actions);
    return is_running;
}

bench_driver_t *bench_driver_start(const char *command, unsigned threads)
{
    bench_driver_t *driver = bench_alloc(1, sizeof *driver);
    int ends[2];
    bench_expect(socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == 0, "there are sockets");
    for (int i = 0; i < 2; i++) /* another driver must not hold them open */
        bench_expect(fcntl(ends[i], F_SETFD, FD_CLOEXEC) == 0, "there are sockets");
    driver->socket = ends[0];
    const bool is_running = spawn(&driver->pid, ends[1], command, threads);
    (void)close(ends[1]);
    if (is_running)
        return driver;
    (void)close(driver->socket);
    free(driver);
    return NULL;
}

static void end(bench_driver_t *driver, const char *why)
{
    (void)snprintf(driver->why, sizeof driver->why, "%s", why);
    (void)kill(driver->pid, SIGKILL);
    while (waitpid(driver->pid, NULL, 0) < 0 && errno == EINTR)
        ;
    driver->pid = 0;
    (void)close(driver->socket);
}

void bench_driver_stop(bench_driver_t *driver)
{
    if (driver == NULL)
        return;
    if (bench_driver_is_alive(driver))
        end(driver, "was stopped");
    free(driver);
}

bool bench_driver_is_alive(const bench_driver_t *driver)
{
    return driver->pid != 0;
}

/* ---- a line to and fro ---------------------------------------------------------------------------- */

/* Whoever writes to a driver that has ended gets an error and no SIGPIPE. */
static bool send_all(int socket, const char *text, size_t len)
{
    while (len > 0) {
        const ssize_t sent = send(socket, text, len, MSG_NOSIGNAL);
        if (sent < 0 && errno == EINTR)
            continue;
        if (sent <= 0)
            return false;
        text += sent;
        len -= (size_t)sent;
    }
    return true;
}

/* Reads to the end of the line; what is beyond `size` is left out. NULL, or why there is none. */
static const char *read_line(int socket, char *out, size_t size)
{
    const double until = bench_now() + PATIENCE_US;
    size_t len = 0;
    for (;;) {
        char some[256];
        struct pollfd ready = { .fd = socket, .events = POLLIN };
        const double left = until - bench_now();
        if (left <= 0)
            return "timed out";
        if (poll(&ready, 1, (int)(left / 1000) + 1) <= 0)
            continue;
        const ssize_t count = recv(socket, some, sizeof some, 0);
        if (count < 0 && errno == EINTR)
            continue;
        if (count <= 0)
            return "has ended";
        for (ssize_t i = 0; i < count; i++) {
            if (some[i] == '\n') {
                out[len] = '\0';
                return NULL;
            }
            if (len + 1 < size)
                out[len++] = some[i];
        }
    }
}

static double number_after(const char *text, const char *name)
{
    const char *found = strstr(text, name);
    return found == NULL ? 0 : strtod(found + strlen(name), NULL) / 1000;
}

/* Microseconds that the driver has computed until now. */
static double computed_us(const bench_driver_t *driver)
{
    struct timespec time;
    clockid_t clock;
    if (clock_getcpuclockid(driver->pid, &clock) != 0 || clock_gettime(clock, &time) != 0)
        return 0; /* it has just ended */
    return (double)time.tv_sec * 1e6 + (double)time.tv_nsec / 1e3;
}

static bool fail(bench_answer_t *out, const char *why)
{
    *out = (bench_answer_t){ 0 };
    (void)snprintf(out->text, sizeof out->text, "%s", why);
    return false;
}

bool bench_ask(bench_driver_t *driver, bench_answer_t *out, const char *line)
{
    char text[sizeof out->text + 16];
    if (!bench_driver_is_alive(driver))
        return fail(out, driver->why);
    const double before = computed_us(driver);
    const char *why = "has ended";
    if (send_all(driver->socket, line, strlen(line)) && send_all(driver->socket, "\n", 1))
        why = read_line(driver->socket, text, sizeof text);
    if (why != NULL) {
        end(driver, why);
        return fail(out, driver->why);
    }
    const double cpu_us = computed_us(driver) - before;
    const char *rest = strchr(text, ' ');
    rest = rest == NULL ? "" : rest + 1;
    (void)fail(out, rest);
    out->is_ok = strncmp(text, "ok", 2) == 0;
    out->us = out->is_ok ? strtod(rest, NULL) / 1000 : 0;
    out->cpu_us = cpu_us;
    out->storage_us = number_after(rest, " storage=");
    return out->is_ok;
}

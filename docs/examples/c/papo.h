/* papo for C: a directory or a peer inside a program's own poll(2) loop.
 *
 * A host waits with poll(2) for papo_fd() of each handle, and at most as long as
 * papo_timeout_ms() says. Then it calls papo_turn(), which never waits, and takes
 * what happened with papo_next_event() until there is nothing more.
 *
 * Build: docs/examples/c/build.sh makes libpapo_c.a, libpapo_c.so and the program
 * `host` of host.c, in target/c. Next to read: host.c.
 *
 * - A handle belongs to one thread at a time.
 * - A host ignores SIGPIPE: signal(SIGPIPE, SIG_IGN). Else a partner that hangs up
 *   could end the program.
 * - Text in arguments ends with a zero byte and is UTF-8. Text in events has a
 *   length, and no zero byte at its end: strangers may send any byte.
 * - A NULL argument, where none is allowed, and an error of papo itself end the
 *   program (abort) with a message on stderr.
 */
#ifndef PAPO_H
#define PAPO_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* A directory (the server) or a peer (a person's end), with its sockets. */
typedef struct papo papo;

/* Listens at `listen` ("127.0.0.1:10000"; port 0: the system chooses).
 * NULL on failure: *error then has an errno, EINVAL where `listen` is no address. */
papo *papo_directory_new(const char *listen, int *error);

/* Registers `name` at the directory `server`, and awaits calls at `listen`. Until
 * the directory is there it is tried again. NULL as above; EINVAL for a bad name. */
papo *papo_peer_new(const char *name, const char *listen, const char *server, int *error);

/* Closes all sockets at once. After papo_stop() and the last turn all has been said
 * properly. NULL does nothing. */
void papo_free(papo *papo);

/* The descriptor for poll(2) with POLLIN. It stays the same for life. Not to be read. */
int papo_fd(const papo *papo);

/* The port that it listens on. */
int papo_port(const papo *papo);

/* How long poll(2) may wait, in milliseconds; -1: as long as the host likes. To be
 * asked again before each wait: work that is left over makes it 0. */
int papo_timeout_ms(const papo *papo);

/* Does everything that can be done without waiting. 0: go on. 1: it has ended, and
 * wants no more turns. Negative: the system failed, with this errno.
 * While events have not been taken, no partner of a peer is read. */
int papo_turn(papo *papo);

/* Asks it to end in good order: goodbyes are said, what was typed is delivered. The
 * host goes on with turns until papo_turn() is 1; a peer takes seconds at most where
 * its partners answer. */
void papo_stop(papo *papo);

/* What to tell a peer. 1: taken. 0: not now; try again after the next turn, for an
 * earlier command is still under way. -1: this handle is a directory. */
int papo_list(papo *papo);                                        /* -> PAPO_ONLINE */
int papo_call(papo *papo, const char *name);                      /* -> PAPO_CONNECTED */
int papo_message(papo *papo, const char *name, const char *text); /* calls first, if needed */
int papo_say_in(papo *papo, uint32_t conversation, const char *text);
int papo_bye(papo *papo, const char *name);                       /* -> PAPO_ENDED */

typedef enum papo_kind {
    /* Of a directory. */
    PAPO_JOINED = 1,       /* name */
    PAPO_LEFT = 2,         /* name */
    PAPO_REFUSED = 3,      /* text: the reason */
    /* Of a peer. */
    PAPO_WELCOME = 10,     /* name: registered under this one */
    PAPO_NAME_REFUSED = 11,/* name: somebody else has it. The peer ends */
    PAPO_ONLINE = 12,      /* text: everybody else, one name a line */
    PAPO_CONNECTED = 13,   /* conversation, name */
    PAPO_TEXT = 14,        /* conversation, name, text: one line of what was said */
    PAPO_ENDED = 15,       /* conversation, name */
    PAPO_NOT_REACHED = 16, /* name: not online, or the call failed */
    /* Of both: what has no kind of its own. */
    PAPO_OTHER = 99        /* text: for a log, in the words of the Rust library */
} papo_kind;

typedef struct papo_event {
    uint32_t kind;         /* a papo_kind */
    uint32_t conversation; /* its number, the same one for life; 0: none */
    const char *name;      /* name and text live until the next call with this handle */
    size_t name_bytes;
    const char *text;
    size_t text_bytes;
} papo_event;

/* Takes the oldest event. 1: *event has it. 0: there is none. */
int papo_next_event(papo *papo, papo_event *event);

#ifdef __cplusplus
}
#endif
#endif

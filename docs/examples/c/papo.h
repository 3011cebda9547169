/* papo for C: a directory or a peer inside a program's own poll(2) loop.
 *
 * A host waits with poll(2) for papo_fd() of each handle, and at most as long as
 * papo_timeout_ms() says. Then it calls papo_turn(), which never waits, and takes
 * the events with papo_next_event() until there is none.
 *
 * Build: docs/examples/c/build.sh makes libpapo_c.a, libpapo_c.so and the program
 * `host` of host.c, in target/c. Next to read: host.c.
 *
 * - A handle belongs to one thread at a time.
 * - A host ignores SIGPIPE: signal(SIGPIPE, SIG_IGN). Otherwise a partner that
 *   disconnects could end the program.
 * - Text in arguments ends with a zero byte and is UTF-8. Text in events has a
 *   length, and no zero byte at its end: a partner may send any byte.
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

/* A directory (the server) or a peer (the program of one person), with its sockets. */
typedef struct papo papo;

/* Listens at `listen` ("127.0.0.1:10000"; port 0: the system chooses).
 * NULL on failure: *error then has an errno, EINVAL where `listen` is no address. */
papo *papo_directory_new(const char *listen, int *error);

/* Registers `name` at the directory `server`, and waits for calls at `listen`. It tries
 * again until the directory answers. NULL as above; EINVAL for a bad name. */
papo *papo_peer_new(const char *name, const char *listen, const char *server, int *error);

/* Closes all sockets at once. After papo_stop() and the last turn, all output has been
 * sent before. NULL does nothing. */
void papo_free(papo *papo);

/* The descriptor for poll(2) with POLLIN. It never changes. Do not read from it. */
int papo_fd(const papo *papo);

/* The port that it listens on. */
int papo_port(const papo *papo);

/* How long poll(2) may wait, in milliseconds; -1: without end. Call it before each wait:
 * it is 0 while work is left over. */
int papo_timeout_ms(const papo *papo);

/* Does all work that needs no waiting. 0: go on. 1: it has ended, and needs no more
 * turns. Negative: the system failed, with this errno.
 * While events wait to be taken, a peer reads none of its partners. */
int papo_turn(papo *papo);

/* Asks it to end in order: it sends all text and all goodbyes first. The host goes on
 * with turns until papo_turn() is 1. A peer needs seconds at most if its partners
 * answer. */
void papo_stop(papo *papo);

/* The commands of a peer. 1: taken. 0: not taken, because an earlier command is still
 * under way; try again after the next turn. -1: this handle is a directory.
 * A command that was taken may still fail: PAPO_NOT_REACHED or PAPO_NOT_SENT says so.
 * A text with line ends is sent as several lines. If one of them is an instruction of the
 * protocol ("DISC", "USER x"), nothing of the text is sent. */
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
    PAPO_NAME_REFUSED = 11,/* name: another person has it. The peer ends */
    PAPO_ONLINE = 12,      /* text: the others, one name a line */
    PAPO_CONNECTED = 13,   /* conversation, name */
    PAPO_TEXT = 14,        /* conversation, name, text: one received line */
    PAPO_ENDED = 15,       /* conversation, name */
    PAPO_NOT_REACHED = 16, /* name: not online, or the call failed */
    PAPO_NOT_SENT = 17,    /* text: why the last command was not done, for a person: no such
                              conversation, no name, a line that is protocol, no server */
    /* Of both: every other event. */
    PAPO_OTHER = 99        /* text: for a log, as the Rust library prints it */
} papo_kind;

typedef struct papo_event {
    uint32_t kind;         /* a papo_kind */
    uint32_t conversation; /* its number, which never changes; 0: none */
    const char *name;      /* name and text are valid until the next call with this handle */
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

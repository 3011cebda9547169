/* A host in C: a directory and two peers in one thread, in one poll(2) loop.
 *
 * Bruno greets Ana, Ana answers, Bruno leaves, then Ana. The directory goes on until
 * the end of the input:
 *
 *     sh docs/examples/c/build.sh && target/c/host 127.0.0.1:10000
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "papo.h"

enum { DIRECTORY, ANA, BRUNO, HANDLES };

struct member {
    const char *label;
    papo *papo; /* NULL: it has ended */
};

static void must(int is_right, const char *what, int error)
{
    if (is_right)
        return;
    fprintf(stderr, "host: %s: %s\n", what, strerror(error));
    exit(1);
}

static void print(const char *label, const papo_event *event)
{
    printf("%s: kind %u, conversation %u, \"%.*s\", \"%.*s\"\n", label, (unsigned)event->kind,
           (unsigned)event->conversation, (int)event->name_bytes, event->name,
           (int)event->text_bytes, event->text);
    fflush(stdout);
}

/* The reaction of each member to an event. A peer may be busy and not take a command: a real
 * host would keep the command in a queue. Here each command follows an event, and is taken. */
static void react(struct member *members, int who, const papo_event *event)
{
    papo *me = members[who].papo;
    int taken = 1;

    if (who == BRUNO && event->kind == PAPO_TEXT)
        papo_stop(me);
    if (who == ANA && event->kind == PAPO_TEXT)
        taken = papo_say_in(me, event->conversation, "Oi, Bruno!");
    if (who == ANA && event->kind == PAPO_ENDED)
        papo_stop(me);
    must(taken == 1, "a command was not taken", EBUSY);
}

/* The shorter of two timeouts. -1 is endless. */
static int earlier(int one, int other)
{
    if (one < 0 || (other >= 0 && other < one))
        return other;
    return one;
}

/* Waits for all members, and also for stdin when only the directory is left. */
static void wait_for_all(struct member *members, int *input_ended)
{
    struct pollfd watched[HANDLES + 1];
    int timeout = -1, count = 0, peers = 0, i;
    char line[256];

    for (i = 0; i < HANDLES; i++) {
        if (!members[i].papo)
            continue;
        peers += i != DIRECTORY;
        timeout = earlier(timeout, papo_timeout_ms(members[i].papo));
        watched[count].fd = papo_fd(members[i].papo);
        watched[count++].events = POLLIN;
    }
    watched[count].fd = peers || *input_ended ? -1 : STDIN_FILENO; /* -1: not watched */
    watched[count].events = POLLIN;
    watched[count].revents = 0;
    must(poll(watched, count + 1, timeout) >= 0 || errno == EINTR, "poll", errno);
    if (watched[count].revents && read(STDIN_FILENO, line, sizeof line) <= 0)
        *input_ended = 1;
}

/* One turn of one member, and its events. */
static void turn(struct member *members, int who)
{
    papo_event event;
    int ended = papo_turn(members[who].papo);

    must(ended >= 0, members[who].label, -ended);
    while (papo_next_event(members[who].papo, &event)) {
        print(members[who].label, &event);
        react(members, who, &event);
    }
    if (ended) {
        papo_free(members[who].papo);
        members[who].papo = NULL;
        printf("%s: ended\n", members[who].label);
    }
}

static papo *new_peer(const char *name, int server_port)
{
    char server[32];
    int error = 0;
    papo *peer;

    snprintf(server, sizeof server, "127.0.0.1:%d", server_port);
    peer = papo_peer_new(name, "127.0.0.1:0", server, &error);
    must(peer != NULL, name, error);
    return peer;
}

int main(int count, char **arguments)
{
    struct member members[HANDLES] = {{"directory", NULL}, {"Ana", NULL}, {"Bruno", NULL}};
    int error = 0, input_ended = 0, greeted = 0, stopped = 0, i;

    signal(SIGPIPE, SIG_IGN);
    members[DIRECTORY].papo = papo_directory_new(count > 1 ? arguments[1] : "127.0.0.1:0", &error);
    must(members[DIRECTORY].papo != NULL, "the directory cannot listen", error);
    printf("listening on 127.0.0.1:%d\n", papo_port(members[DIRECTORY].papo));
    fflush(stdout);
    members[ANA].papo = new_peer("Ana", papo_port(members[DIRECTORY].papo));
    members[BRUNO].papo = new_peer("Bruno", papo_port(members[DIRECTORY].papo));

    while (members[DIRECTORY].papo) {
        wait_for_all(members, &input_ended);
        for (i = 0; i < HANDLES; i++)
            if (members[i].papo)
                turn(members, i);
        /* Bruno takes no command before he is registered: try again after the next turn. */
        if (!greeted && members[BRUNO].papo)
            greeted = papo_message(members[BRUNO].papo, "Ana", "Oi, Ana!") == 1;
        if (input_ended && !stopped) {
            papo_stop(members[DIRECTORY].papo);
            stopped = 1;
        }
    }
    return 0;
}

/* Simulated gates in real time behind an MQTT broker, for tests and load: `gates --help` tells how.
 *
 * Time of a gate passes when somebody looks: every WAKE_MS, and before a frame is taken. So a thousand gates cost what their
 * milliseconds cost, and a mute is acted on as soon as it is read. */
#define _GNU_SOURCE
#include <getopt.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>

#include "hal/host/eeprom_file.h"
#include "hal/host/options.h"
#include "hal/host/served.h"

enum { WAKE_MS = 5, LOOK_AFTER_MS = 100 };

static volatile sig_atomic_t ending;
static served_t *gates;
static struct pollfd *sockets;
static int count;

static int64_t now_us(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

static int64_t now_ms(void)
{
    return now_us() / 1000;
}

static void end(int signal)
{
    (void)signal;
    ending = 1;
}

/* Told at the moment it happens, by the clock that every process of a machine shares. */
static void tell_contact(simulated_t *gate, bool closed)
{
    printf("%" PRId64 " %s %d\n", now_us(), ((served_t *)gate)->name, closed);
}

/* One file for each connection, and a few more. */
static void allow_files(void)
{
    struct rlimit limit;
    getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
}

/* Each byte as it is written: what the process does not outlive, the gate does not either. */
static void keep_byte(simulated_t *gate, uint16_t address)
{
    const served_t *served = (const served_t *)gate;
    if (!eeprom_file_keep(served->eeprom_file, gate->host.eeprom, address, 1))
        fprintf(stderr, "%s: the file of its EEPROM cannot be written\n", served->name);
}

/* False when the gate is a new one. */
static bool kept(served_t *served, const options_t *options)
{
    bool found;
    if (!options->eeprom)
        return false;
    served->eeprom_file = eeprom_file_open(options->eeprom, served->name, served->gate.host.eeprom, &found);
    return found;
}

static void keep(served_t *served)
{
    if (served->eeprom_file < 0)
        return;
    if (!eeprom_file_keep(served->eeprom_file, served->gate.host.eeprom, 0, EEPROM_SIZE_BYTES))
        exit(1);
    served->gate.on_stored = keep_byte;
}

static void set_up(served_t *served, const options_t *options, int index)
{
    char name[NAME_MAX_LENGTH + 1];
    gate_name(options, index, name);
    served_init(served, &options->broker, name);
    served->gate.on_contact = tell_contact;
    const bool is_new = !kept(served, options);
    uint8_t id[LIMIT_GATE_ID_BYTES] = {0}, key[LIMIT_KEY_BYTES];
    memcpy(id, name, strnlen(name, sizeof id));
    bool keyed = find_key(options, name, key);
    if (is_new && !simulated_set_up(&served->gate, id, keyed ? key : 0)) {
        fprintf(stderr, "%s: cannot be set up\n", name);
        exit(1);
    }
    keep(served);
}

/* Not all of them speak in the same ms of a second. */
static void start_all(const options_t *options)
{
    for (int i = 0; i < count; i++)
        set_up(&gates[i], options, i);
    const int64_t start = now_ms();
    for (int i = 0; i < count; i++)
        served_start(&gates[i], start + (int64_t)LIMIT_STATE_PERIOD_MS * i / count);
}

static void look_after_connections(void)
{
    static int64_t looked_at;
    static bool told;
    const int64_t now = now_ms();
    int connected = 0;
    if (now - looked_at < LOOK_AFTER_MS)
        return;
    looked_at = now;
    for (int i = 0; i < count; i++) {
        served_connection(&gates[i], now);
        connected += gates[i].connected;
    }
    if (connected == count && !told)
        printf("ready %d\n", count);
    told = connected == count;
}

static void wait_for_bytes(void)
{
    for (int i = 0; i < count; i++)
        sockets[i] = (struct pollfd){
            .fd = served_socket(&gates[i]),
            .events = served_wants_write(&gates[i]) ? POLLIN | POLLOUT : POLLIN,
        };
    poll(sockets, (nfds_t)count, WAKE_MS);
}

static void serve(served_t *served, const struct pollfd *socket)
{
    if (!socket->revents)
        return;
    served_advance(served, now_ms());
    if (socket->revents & POLLOUT)
        served_write(served);
    if (socket->revents & (POLLIN | POLLHUP | POLLERR))
        served_read(served);
}

int main(int argc, char **argv)
{
    const options_t options = read_options(argc, argv);
    count = options.gates;
    gates = calloc((size_t)count, sizeof *gates);
    sockets = calloc((size_t)count, sizeof *sockets);
    if (!gates || !sockets)
        return 1;
    setvbuf(stdout, 0, _IOLBF, 0);
    signal(SIGTERM, end);
    signal(SIGINT, end);
    signal(SIGPIPE, SIG_IGN);
    allow_files();
    mosquitto_lib_init();
    start_all(&options);
    while (!ending) {
        look_after_connections();
        wait_for_bytes();
        for (int i = 0; i < count; i++)
            serve(&gates[i], &sockets[i]);
        for (int i = 0; i < count; i++)
            served_advance(&gates[i], now_ms());
    }
    for (int i = 0; i < count; i++)
        served_stop(&gates[i]);
    mosquitto_lib_cleanup();
    free(gates);
    free(sockets);
    return 0;
}

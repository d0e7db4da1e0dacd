/* A simulated gate in real time that speaks the MQTT link (schemas/link-mqtt.ts). */
#ifndef EARLID_SERVED_H
#define EARLID_SERVED_H

#include <mosquitto.h>

#include "generated/link.h"
#include "hal/host/simulated.h"

enum { NAME_MAX_LENGTH = 32, TOPIC_BYTES = 192 };

/* Where the broker is, and who comes there. What is not given is 0. */
typedef struct {
    const char *host;
    int port;
    const char *prefix;
    const char *username, *password;
    const char *ca_file, *certificate_file, *key_file; /* PEM */
    bool speaks_5; /* MQTT 5 in place of 3.1.1 */
} broker_t;

typedef struct {
    simulated_t gate;
    const broker_t *broker;
    char name[NAME_MAX_LENGTH + 1];
    char down[TOPIC_BYTES], up[TOPIC_BYTES], online[TOPIC_BYTES];
    struct mosquitto *client;
    bool connected;
    int64_t try_at; /* when it connects again, ms */
    int64_t say_at; /* when it contradicts what is kept of it, ms; 0: there is nothing to contradict */
    int eeprom_file; /* -1: none */
    int64_t now;    /* the gate's time, ms */
    uint8_t outbox[LINK_PAYLOAD_BYTES];
    uint16_t waiting; /* bytes in the outbox */
} served_t;

/* A new gate of this name, not yet set up. */
void served_init(served_t *served, const broker_t *broker, const char *name);

/* Begins at this time, with the supply coming up. */
void served_start(served_t *served, int64_t now_ms);

/* Lets the gate's time go on to this one. */
void served_advance(served_t *served, int64_t now_ms);

/* Once in a while: keeps the connection, or tries to have one. */
void served_connection(served_t *served, int64_t now_ms);

/* -1 when there is none. */
int served_socket(const served_t *served);
bool served_wants_write(const served_t *served);

/* The socket may be read, or written. */
void served_read(served_t *served);
void served_write(served_t *served);

/* Says that nobody serves the gate any more, and disconnects. */
void served_stop(served_t *served);

#endif

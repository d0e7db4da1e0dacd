#define _POSIX_C_SOURCE 200809L
#include "hal/host/served.h"

#include <mqtt_protocol.h>
#include <stdio.h>
#include <stdlib.h>

enum { KEEPALIVE_S = 30, RETRY_MS = 1000, RETRY_SPREAD_MS = 1000, STOOD_STILL_MS = 2000, SAY_AGAIN_MS = 2000 };

static bool has_room(host_gate_t *host)
{
    (void)host;
    return true;
}

static int publish(served_t *served, const char *topic, const void *payload, int length, bool kept)
{
    if (!served->broker->speaks_5)
        return mosquitto_publish(served->client, 0, topic, length, payload, kept ? 1 : 0, kept);
    mosquitto_property *expiry = 0;
    if (!kept)
        mosquitto_property_add_int32(&expiry, MQTT_PROP_MESSAGE_EXPIRY_INTERVAL, LINK_EXPIRY_MS / 1000);
    int result = mosquitto_publish_v5(served->client, 0, topic, length, payload, kept ? 1 : 0, kept, expiry);
    mosquitto_property_free_all(&expiry);
    return result;
}

/* What nobody can take is lost, as on a wire. */
static void flush(served_t *served)
{
    if (served->waiting && served->connected)
        publish(served, served->up, served->outbox, served->waiting, false);
    served->waiting = 0;
}

static void send_frame(host_gate_t *host, const uint8_t *frame, uint8_t length)
{
    served_t *served = (served_t *)host;
    if (served->waiting + length > LINK_PAYLOAD_BYTES)
        flush(served);
    memcpy(served->outbox + served->waiting, frame, length);
    served->waiting = (uint16_t)(served->waiting + length);
}

static void say_online(served_t *served)
{
    served->say_at = 0;
    publish(served, served->online, LINK_IS_ONLINE, 1, true);
}

static void subscribed_and_online(served_t *served)
{
    mosquitto_subscribe(served->client, 0, served->down, 0);
    mosquitto_subscribe(served->client, 0, served->online, 1);
    say_online(served);
}

static void on_connect(struct mosquitto *client, void *owner, int result)
{
    (void)client;
    served_t *served = owner;
    served->connected = result == 0;
    if (served->connected)
        subscribed_and_online(served);
    else
        fprintf(stderr, "%s: the broker refuses: %s\n", served->name, mosquitto_connack_string(result));
}

static void on_disconnect(struct mosquitto *client, void *owner, int reason)
{
    (void)client, (void)reason;
    ((served_t *)owner)->connected = false;
}

/* A will can come late, when the gate is back already. */
static void contradict(served_t *served, const struct mosquitto_message *message)
{
    const bool is_right = message->payloadlen == 1 && *(const char *)message->payload == LINK_IS_ONLINE[0];
    if (!is_right && !served->say_at)
        served->say_at = served->now + SAY_AGAIN_MS;
}

/* What a broker kept is of the past. */
static void on_message(struct mosquitto *client, void *owner, const struct mosquitto_message *message)
{
    (void)client;
    served_t *served = owner;
    if (!strcmp(message->topic, served->online)) {
        contradict(served, message);
        return;
    }
    if (message->retain || message->payloadlen > LINK_PAYLOAD_BYTES || !served->gate.host.running)
        return;
    const uint8_t *bytes = message->payload;
    for (int i = 0; i < message->payloadlen; i++)
        host_receive(&served->gate.host, bytes[i]);
    flush(served);
}

static struct mosquitto *new_client(served_t *served)
{
    const broker_t *broker = served->broker;
    struct mosquitto *client = mosquitto_new(0, true, served);
    bool made = client != 0;
    made = made && !mosquitto_will_set(client, served->online, 1, LINK_IS_OFFLINE, 1, true);
    if (made && broker->speaks_5)
        made = !mosquitto_int_option(client, MOSQ_OPT_PROTOCOL_VERSION, MQTT_PROTOCOL_V5);
    if (made && broker->username)
        made = !mosquitto_username_pw_set(client, broker->username, broker->password);
    if (made && broker->ca_file)
        made = !mosquitto_tls_set(client, broker->ca_file, 0, broker->certificate_file, broker->key_file, 0);
    if (!made) {
        fprintf(stderr, "%s: no MQTT client can be made with these options\n", served->name);
        exit(1);
    }
    mosquitto_connect_callback_set(client, on_connect);
    mosquitto_disconnect_callback_set(client, on_disconnect);
    mosquitto_message_callback_set(client, on_message);
    return client;
}

static void name_topics(served_t *served)
{
    const char *prefix = served->broker->prefix;
    snprintf(served->down, sizeof served->down, LINK_DOWN, prefix, served->name);
    snprintf(served->up, sizeof served->up, LINK_UP, prefix, served->name);
    snprintf(served->online, sizeof served->online, LINK_ONLINE, prefix, served->name);
}

void served_init(served_t *served, const broker_t *broker, const char *name)
{
    memset(served, 0, sizeof *served);
    simulated_init(&served->gate);
    served->gate.host.has_room = has_room;
    served->gate.host.send = send_frame;
    served->broker = broker;
    served->eeprom_file = -1;
    snprintf(served->name, sizeof served->name, "%s", name);
    name_topics(served);
    served->client = new_client(served);
}

void served_start(served_t *served, int64_t now_ms)
{
    served->waiting = 0;
    served->now = served->try_at = now_ms;
    simulated_start(&served->gate, REASON_POWER_ON);
}

/* A process that stood still is a gate that hung: its watchdog has reset it meanwhile. */
static void restart(served_t *served, int64_t now_ms)
{
    fprintf(stderr, "%s: stood still for %lld ms, reset\n", served->name, (long long)(now_ms - served->now));
    host_hold(&served->gate.host);
    while (served->gate.contact)
        simulated_tick(&served->gate);
    simulated_start(&served->gate, REASON_WATCHDOG);
    served->now = now_ms;
}

void served_advance(served_t *served, int64_t now_ms)
{
    if (now_ms - served->now > STOOD_STILL_MS)
        restart(served, now_ms);
    for (; served->now < now_ms; served->now++)
        simulated_tick(&served->gate);
    flush(served);
    if (served->say_at && served->now >= served->say_at && served->connected)
        say_online(served);
}

void served_connection(served_t *served, int64_t now_ms)
{
    if (mosquitto_socket(served->client) >= 0) {
        mosquitto_loop_misc(served->client);
        return;
    }
    if (now_ms < served->try_at)
        return;
    mosquitto_connect(served->client, served->broker->host, served->broker->port, KEEPALIVE_S);
    served->try_at = now_ms + RETRY_MS + rand() % RETRY_SPREAD_MS;
}

int served_socket(const served_t *served)
{
    return mosquitto_socket(served->client);
}

bool served_wants_write(const served_t *served)
{
    return mosquitto_want_write(served->client);
}

void served_read(served_t *served)
{
    mosquitto_loop_read(served->client, 1);
}

void served_write(served_t *served)
{
    mosquitto_loop_write(served->client, 1);
}

void served_stop(served_t *served)
{
    if (served->connected) {
        publish(served, served->online, LINK_IS_OFFLINE, 1, true);
        mosquitto_disconnect(served->client);
    }
    mosquitto_destroy(served->client);
}

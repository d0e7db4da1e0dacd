#define _GNU_SOURCE
#include "hal/host/options.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { DEFAULT_PORT = 1883, MOST_GATES = 10000, LINE_BYTES = 256, LONGEST_NAME = NAME_MAX_LENGTH - 5 };

static const char help[] =
    "usage: gates [option]...\n"
    "Simulated gates behind an MQTT broker, for tests and load. None of them is a gate that anybody should trust.\n"
    "Prints `ready N` when all are connected, then `MICROSECONDS NAME 1` as a contact closes and `... 0` as it opens,\n"
    "by the monotonic clock.\n"
    "  --gates N            how many (1)\n"
    "  --name NAME          its name at the broker, or with N above 1 what stands before the numbers from 0001 on (gate)\n"
    "  --keys FILE          a line for each gate that is paired: NAME and 64 hexadecimal digits\n"
    "  --eeprom FOLDER      keeps what is in their EEPROMs, so that boot numbers go on rising: a gate that is found there is\n"
    "                       not set up again, whatever --keys says\n"
    "  --host HOST --port P broker (127.0.0.1, 1883)\n"
    "  --prefix PREFIX      of the topics (earlid)\n"
    "  --username NAME --password TEXT\n"
    "  --ca FILE [--certificate FILE --key FILE]\n"
    "                       TLS, with a certificate of its own\n"
    "  --mqtt 5             in place of 3.1.1\n";

static void refuse(const char *why, const char *what)
{
    fprintf(stderr, "gates: %s %s\n%s", why, what, help);
    exit(64);
}

static int number(const char *text, int most)
{
    char *rest;
    long value = strtol(text, &rest, 10);
    if (*rest || value < 1 || value > most)
        refuse("not a number that can be:", text);
    return (int)value;
}

options_t read_options(int argc, char **argv)
{
    enum { GATES, NAME, KEYS, EEPROM, HOST, PORT, PREFIX, USERNAME, PASSWORD, CA, CERTIFICATE, KEY, MQTT, HELP };
    static const struct option known[] = {
        {"gates", 1, 0, GATES},       {"name", 1, 0, NAME},         {"keys", 1, 0, KEYS},
        {"eeprom", 1, 0, EEPROM},     {"host", 1, 0, HOST},         {"port", 1, 0, PORT},
        {"prefix", 1, 0, PREFIX},     {"username", 1, 0, USERNAME}, {"password", 1, 0, PASSWORD},
        {"ca", 1, 0, CA},             {"certificate", 1, 0, CERTIFICATE}, {"key", 1, 0, KEY},
        {"mqtt", 1, 0, MQTT},         {"help", 0, 0, HELP},         {0, 0, 0, 0},
    };
    options_t options = {.gates = 1, .name = "gate"};
    broker_t *broker = &options.broker;
    *broker = (broker_t){.host = "127.0.0.1", .port = DEFAULT_PORT, .prefix = "earlid"};
    const char **texts[] = {
        [NAME] = &options.name, [KEYS] = &options.keys, [EEPROM] = &options.eeprom, [HOST] = &broker->host, [PREFIX] = &broker->prefix,
        [USERNAME] = &broker->username, [PASSWORD] = &broker->password, [CA] = &broker->ca_file,
        [CERTIFICATE] = &broker->certificate_file, [KEY] = &broker->key_file, [MQTT] = 0, [HELP] = 0,
    };
    for (int option; (option = getopt_long(argc, argv, "", known, 0)) != -1;) {
        if (option == HELP) {
            fputs(help, stdout);
            exit(0);
        }
        if (option == '?')
            refuse("not understood:", argv[optind - 1]);
        if (option == GATES)
            options.gates = number(optarg, MOST_GATES);
        else if (option == PORT)
            broker->port = number(optarg, UINT16_MAX);
        else if (option == MQTT)
            broker->speaks_5 = number(optarg, 5) == 5;
        else
            *texts[option] = optarg;
    }
    if (optind < argc)
        refuse("not understood:", argv[optind]);
    if (strlen(options.name) > LONGEST_NAME)
        refuse("too long:", options.name);
    return options;
}

void gate_name(const options_t *options, int index, char name[NAME_MAX_LENGTH + 1])
{
    if (options->gates == 1)
        snprintf(name, NAME_MAX_LENGTH + 1, "%s", options->name);
    else
        snprintf(name, NAME_MAX_LENGTH + 1, "%s%04d", options->name, index + 1);
}

static bool read_hex(const char *text, uint8_t key[LIMIT_KEY_BYTES])
{
    for (int i = 0; i < LIMIT_KEY_BYTES; i++) {
        unsigned byte;
        if (sscanf(text + 2 * i, "%2x", &byte) != 1)
            return false;
        key[i] = (uint8_t)byte;
    }
    return true;
}

bool find_key(const options_t *options, const char *name, uint8_t key[LIMIT_KEY_BYTES])
{
    if (!options->keys)
        return false;
    FILE *file = fopen(options->keys, "r");
    if (!file)
        refuse("cannot be read:", options->keys);
    char line[LINE_BYTES], owner[LINE_BYTES], text[LINE_BYTES];
    bool found = false;
    while (!found && fgets(line, sizeof line, file))
        found = sscanf(line, "%255s %255s", owner, text) == 2 && !strcmp(owner, name);
    fclose(file);
    if (found && (strlen(text) != 2 * LIMIT_KEY_BYTES || !read_hex(text, key)))
        refuse("no key of 64 hexadecimal digits for", name);
    return found;
}

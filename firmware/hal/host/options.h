/* What the command line of `gates` says. */
#ifndef EARLID_OPTIONS_H
#define EARLID_OPTIONS_H

#include "hal/host/served.h"

typedef struct {
    broker_t broker;
    int gates;
    const char *name;
    const char *keys; /* file, 0: none */
    const char *eeprom; /* folder, 0: none */
} options_t;

/* Ends the process, and says why, when something cannot be understood. */
options_t read_options(int argc, char **argv);

/* The name of a gate: that of the options, with a number from 1 on when there are several. */
void gate_name(const options_t *options, int index, char name[NAME_MAX_LENGTH + 1]);

/* The key of a gate; false when the file has none. */
bool find_key(const options_t *options, const char *name, uint8_t key[LIMIT_KEY_BYTES]);

#endif

/** How gates, their inputs, accessories and presences are named, here and at the broker, where it is a level of topics. */
export const NAME = /^[a-z0-9][a-z0-9_-]{0,31}$/;

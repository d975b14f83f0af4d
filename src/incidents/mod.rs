//! Incidents: the list, one incident, and what people do to it.

//! Alerts: rules that fire.

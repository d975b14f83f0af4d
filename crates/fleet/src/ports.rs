//! The fixed ports. Several fleets run side by side on several loopback addresses.

/// The control port.
pub const CONTROL: u16 = 9_100;
/// DONNA's front end.
pub const DONNA_FRONTEND: u16 = 9_101;
/// DONNA's back end.
pub const DONNA_BACKEND: u16 = 9_102;
/// DONNA's WebSocket server.
pub const DONNA_SOCKET: u16 = 9_103;
/// Pourtrait.
pub const POURTRAIT: u16 = 9_111;
/// Pourtrait over TLS.
pub const POURTRAIT_TLS: u16 = 9_112;
/// ChatPDD.
pub const CHATPDD: u16 = 9_121;
/// Universal Assistant.
pub const UNIVERSAL_ASSISTANT: u16 = 9_131;
/// DeedPro's front end.
pub const DEEDPRO_FRONTEND: u16 = 9_141;
/// DeedPro's back end.
pub const DEEDPRO_BACKEND: u16 = 9_142;
/// The receiving ends of notifications over HTTP.
pub const RECEIVERS: u16 = 9_150;
/// The mail server.
pub const MAIL: u16 = 9_151;
/// The calendar of who is on call.
pub const CALENDAR: u16 = 9_152;

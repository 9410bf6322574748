//! Upload: a file becomes a plugin version that authorities may adopt.

//! A part in the library's chain that looks at what is read, and passes what is written.

use std::collections::VecDeque;
use std::time::Instant;

use rtc::interceptor::{Interceptor, StreamInfo, TaggedPacket};
use rtc::sansio::Protocol;
use rtc::shared::error::Error;

/// Gives each packet that is read to a function, and on what that gives back.
pub(super) struct Reader<F> {
    look: F,
    read: VecDeque<TaggedPacket>,
    written: VecDeque<TaggedPacket>,
}

impl<F: FnMut(TaggedPacket) -> Option<TaggedPacket> + Send + Sync> Reader<F> {
    /// Around a function.
    pub(super) fn new(look: F) -> Self {
        Self { look, read: VecDeque::new(), written: VecDeque::new() }
    }
}

impl<F: FnMut(TaggedPacket) -> Option<TaggedPacket> + Send + Sync> Protocol<TaggedPacket, TaggedPacket, ()>
    for Reader<F>
{
    type Rout = TaggedPacket;
    type Wout = TaggedPacket;
    type Eout = ();
    type Error = Error;
    type Time = Instant;

    fn handle_read(&mut self, message: TaggedPacket) -> Result<(), Error> {
        self.read.extend((self.look)(message));
        Ok(())
    }

    fn poll_read(&mut self) -> Option<TaggedPacket> {
        self.read.pop_front()
    }

    fn handle_write(&mut self, message: TaggedPacket) -> Result<(), Error> {
        self.written.push_back(message);
        Ok(())
    }

    fn poll_write(&mut self) -> Option<TaggedPacket> {
        self.written.pop_front()
    }
}

impl<F: FnMut(TaggedPacket) -> Option<TaggedPacket> + Send + Sync> Interceptor for Reader<F> {
    fn bind_local_stream(&mut self, _: &StreamInfo) {}

    fn unbind_local_stream(&mut self, _: &StreamInfo) {}

    fn bind_remote_stream(&mut self, _: &StreamInfo) {}

    fn unbind_remote_stream(&mut self, _: &StreamInfo) {}
}

//! Requests and responses, over any protocol whose description pairs them.
//!
//! A [`Client`] asks, and is a [`tower_service::Service`]: what is layered over services, of `tower` for example,
//! goes over it. What the other side asks goes to a service of the program's. Both may happen on one connection, which a
//! [`Driver`] drives: it reads and writes at the same time, so that two sides that both ask do not wait
//! for each other for ever.
//!
//! Which reply belongs to which request, and how many may be outstanding, is in the description: `pending fifo max 16`, or
//! `pending by id max 1024`. What a program makes of an event is its own: a closure gives something of it that
//! borrows nothing.
//!
//! ```
//! use framer_runtime::requests::{Answer, Heard, Part, Requests};
//! use framer_runtime::tokio::Connection;
//!
//! framer_runtime::framer! {
//!     delimiter LF = "\n";
//!     frame Line in until LF max 80 { text: utf8 to end }
//!     protocol Echo over stream {
//!         roles client, server;
//!         client speaks Line;
//!         server speaks Line;
//!         pending fifo max 4;
//!         state Open { client Line => awaits { _ => stay }; }
//!     }
//! }
//! use echo::{Line, client, server};
//!
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! let (near, far) = tokio::io::duplex(64);
//!
//! // A server: whatever is a service of what is heard.
//! let shout = tower::service_fn(async |heard: Heard<String>| {
//!     let text = heard.one().await?.to_uppercase();
//!     let say = Part::new(move |_, speaker| speaker.send(Line::new(&text)));
//!     Ok::<_, framer_runtime::requests::Failed>(Answer::from(say))
//! });
//! let heard = |server::Event::Line(line): server::Event<'_>| line.text.to_owned();
//! let requests = Requests::<echo::Server, _>::new(heard);
//! tokio::spawn(requests.serve(Connection::new(far, echo::Server::new()), shout).run());
//!
//! // A client.
//! let heard = |client::Event::Line(line): client::Event<'_>| line.text.to_owned();
//! let requests = Requests::<echo::Client, _>::new(heard);
//! let (client, driver) = requests.client(Connection::new(near, echo::Client::new()));
//! tokio::spawn(driver.run());
//! let say = |text| Part::new(move |_, speaker| speaker.send(Line::new(text)));
//! let (one, other) = tokio::join!(client.ask(say("one")), client.ask(say("other")));
//! assert_eq!((one?, other?), ("ONE".to_owned(), "OTHER".to_owned()));
//! # Ok(())
//! # }
//! # tokio::runtime::Runtime::new().unwrap().block_on(example()).unwrap();
//! ```

mod client;
mod driver;
mod heard;
mod messages;
mod own;
mod part;
mod peers;

use core::convert::Infallible;
use core::fmt;
use core::future::{Ready, ready};
use core::task::{Context, Poll};
use core::time::Duration;
use std::boxed::Box;

use futures_core::Stream;
use tower_service::Service;

pub use client::{Client, Failed, Request};
pub use driver::Driver;
pub use heard::Heard;
pub use messages::Messages;
pub use part::{Part, Speaker};

pub(crate) use part::To;

use self::own::Ids;
use self::part::Parts;
use crate::machine::{Described, Machine};
use crate::tokio::Carry;

type Hear<M, T> = Box<dyn FnMut(<M as Machine>::Event<'_>) -> T + Send>;

/// How a program asks and answers over connections of one role.
pub struct Requests<M: Machine, T> {
    hear: Hear<M, T>,
    max: Option<usize>,
    ids: Option<Ids>,
    grace: Duration,
}

impl<M: Described + 'static, T: Send + 'static> Requests<M, T> {
    /// With what `hear` makes of each event. It sees all of them, those too that belong to no request, and the one
    /// that announces an upgrade.
    pub fn new(hear: impl FnMut(M::Event<'_>) -> T + Send + 'static) -> Requests<M, T> {
        Requests { hear: Box::new(hear), max: None, ids: None, grace: Duration::ZERO }
    }

    /// Lets so many requests of this side go on at once: further ones wait until there is a place. Without it, as
    /// many as the description lets be outstanding.
    #[must_use]
    pub fn concurrency(self, max: usize) -> Requests<M, T> {
        Requests { max: Some(max), ..self }
    }

    /// Gives requests numbers from `ids`, as long as they are not in use: for protocols that want them hard to
    /// guess. Without it, each has the smallest that no outstanding one has.
    #[must_use]
    pub fn ids(self, ids: impl FnMut() -> u64 + Send + 'static) -> Requests<M, T> {
        Requests { ids: Some(Box::new(ids)), ..self }
    }

    /// Lets what is said wait so long for more, to be written together. Without it, it is written as soon
    /// as there is nothing else to say. What the connection was told of it does not count here.
    #[must_use]
    pub fn flush_grace(self, grace: Duration) -> Requests<M, T> {
        Requests { grace, ..self }
    }

    /// Asks only. What the other side says of itself is seen by `hear` alone; where it asks, that is
    /// [`Misuse::Owed`](crate::violation::Misuse::Owed).
    pub fn client<C: Carry<Machine = M>>(
        self,
        carrier: C,
    ) -> (Client<M, T>, Driver<C, T, Nobody<M>>) {
        self.begin(carrier, Nobody(core::marker::PhantomData), false)
    }

    /// Answers only, with what `service` says: where replies are in order in that order, and as they come
    /// where they are paired by a key.
    ///
    /// As many requests are with the service at once as the description lets be outstanding, and 64 messages
    /// that await no reply. A service that itself asks over the same connection must be ready for as many, or it waits for
    /// what is not read.
    pub fn serve<C, V>(self, carrier: C, service: V) -> Driver<C, T, V>
    where
        C: Carry<Machine = M>,
        V: Service<Heard<T>, Response = Answer<M>>,
        V::Error: Into<Box<dyn std::error::Error + Send + Sync>> + 'static,
        V::Future: Send + 'static,
    {
        self.begin(carrier, service, true).1
    }

    /// Asks and answers.
    pub fn both<C, V>(self, carrier: C, service: V) -> (Client<M, T>, Driver<C, T, V>)
    where
        C: Carry<Machine = M>,
        V: Service<Heard<T>, Response = Answer<M>>,
        V::Error: Into<Box<dyn std::error::Error + Send + Sync>> + 'static,
        V::Future: Send + 'static,
    {
        self.begin(carrier, service, true)
    }

    /// Neither: a stream of what is heard, and a sink of what is said, for a program that does the rest.
    pub fn messages<C: Carry<Machine = M>>(self, carrier: C) -> Messages<C, T> {
        Messages::new(carrier, self.hear)
    }

    fn begin<C, V>(self, carrier: C, service: V, serves: bool) -> (Client<M, T>, Driver<C, T, V>)
    where
        C: Carry<Machine = M>,
        V: Service<Heard<T>, Response = Answer<M>>,
        V::Error: Into<Box<dyn std::error::Error + Send + Sync>> + 'static,
        V::Future: Send + 'static,
    {
        let max = self.max.unwrap_or(carrier.session().protocol().pending);
        let (client, asked) = Client::new(max);
        (client, Driver::new(self, carrier, asked, service, serves))
    }
}

impl<M: Machine, T> fmt::Debug for Requests<M, T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (max, grace) = (self.max, self.grace);
        formatter
            .debug_struct("Requests")
            .field("concurrency", &max)
            .field("flush_grace", &grace)
            .finish_non_exhaustive()
    }
}

/// What a service says to a message: nothing, a message, or several.
pub struct Answer<M> {
    parts: Parts<M>,
}

impl<M: Machine> Answer<M> {
    /// Nothing, to what awaits no reply.
    #[must_use]
    pub fn none() -> Answer<M> {
        Answer { parts: Parts::NONE }
    }

    /// Says these behind it: a reply that is sent again and again, or the pieces of a payload. They are asked for as the
    /// connection takes them.
    #[must_use]
    pub fn then(self, rest: impl Stream<Item = Part<M>> + Send + 'static) -> Answer<M> {
        Answer { parts: self.parts.then(rest) }
    }
}

impl<M: Machine> From<Part<M>> for Answer<M> {
    fn from(part: Part<M>) -> Answer<M> {
        Answer { parts: Parts::one(part) }
    }
}

impl<M> fmt::Debug for Answer<M> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Answer").finish_non_exhaustive()
    }
}

/// Answers nothing.
#[derive(Debug)]
pub struct Nobody<M>(core::marker::PhantomData<fn() -> M>);

impl<M: Machine, T> Service<Heard<T>> for Nobody<M> {
    type Response = Answer<M>;
    type Error = Infallible;
    type Future = Ready<Result<Answer<M>, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, _: Heard<T>) -> Self::Future {
        ready(Ok(Answer::none()))
    }
}

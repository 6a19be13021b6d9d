//! The types and machines of a wrong description are used, and not reported again.

framer_runtime::framer!("ui/wrong.frame");

fn answer(server: echo::Server, event: echo::server::Event<'_>) -> echo::State {
    if let echo::server::Event::Line(line) = event {
        println!("{}", line.text);
    }
    server.state()
}

fn main() {
    let line = echo::Line::new("text");
    answer(echo::Server::new(), echo::server::Event::Line(line));
}

//! OpenMLS behind the line protocol of ../README.md.

mod client;
mod line;
mod manifest;

use std::collections::HashMap;
use std::io;

use client::Client;
use line::{Answer, Line, Unsupported};

/// Runs one command; what it answers follows `ok`.
fn run(clients: &mut HashMap<String, Client>, line: &mut Line) -> Answer {
    let command = line.word()?;
    if command == "library" {
        return Ok(format!("openmls {}", manifest::version("openmls")));
    }
    let name = line.word()?;
    if command == "client" {
        let client = Client::new(name, line.number()?, line.has("grease"))?;
        clients.insert(name.to_string(), client);
        return Ok(String::new());
    }
    let client = clients.get_mut(name).ok_or("no such client")?;
    match command {
        "key_package" => client.key_package(),
        "signature_key" => client.signature_key(),
        "psk" => client.add_psk(line.bytes()?, line.bytes()?),
        "create" => client.create(line.bytes()?),
        "join" => client.join(&line.bytes()?, &line.bytes()?),
        "join_external" => client.join_external(&line.bytes()?, &line.bytes()?),
        "group_info" => client.group_info(line.choice("tree", "bare")?),
        "tree" => client.tree(),
        "ask_to_join" => client.ask_to_join(line),
        "propose_external" => client.propose_external(line),
        "branch" => Err(Unsupported("no group can be branched from another").into()),
        "propose" => client.propose(line.choice("public", "private")?, line),
        "commit" => client.commit(
            line.choice("public", "private")?,
            line.choice("tree", "bare")?,
            line,
        ),
        "merge" => client.merge(),
        "receive" => client.receive(&line.bytes()?),
        "encrypt" => client.encrypt(&line.bytes()?, line.bytes()?),
        "state" => client.state(),
        "export" => client.export(line.word()?, &line.bytes()?, line.number()?),
        "safe_export" => client.safe_export(line.number()?),
        "forget" => {
            clients.remove(name);
            Ok(String::new())
        }
        _ => Err("no such command".into()),
    }
}

fn main() -> io::Result<()> {
    let mut clients = HashMap::new();
    line::serve(|line| run(&mut clients, line))
}

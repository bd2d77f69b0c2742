//! The line protocol: a command is words with a space between them, and is answered with one line.

use std::error::Error;
use std::fmt;
use std::io::{self, BufRead, Write};

/// What follows `ok`, or why it was refused.
pub type Answer = Result<String, Box<dyn Error>>;

/// OpenMLS has no such function.
#[derive(Debug)]
pub struct Unsupported(pub &'static str);

impl fmt::Display for Unsupported {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl Error for Unsupported {}

pub struct Line<'a> {
    words: std::iter::Peekable<std::str::SplitWhitespace<'a>>,
}

impl<'a> Line<'a> {
    pub fn new(text: &'a str) -> Self {
        Self {
            words: text.split_whitespace().peekable(),
        }
    }

    pub fn at_end(&mut self) -> bool {
        self.words.peek().is_none()
    }

    pub fn word(&mut self) -> Result<&'a str, Box<dyn Error>> {
        self.words.next().ok_or_else(|| "a word is missing".into())
    }

    pub fn number<T: std::str::FromStr>(&mut self) -> Result<T, Box<dyn Error>> {
        self.word()?.parse().map_err(|_| "no number".into())
    }

    /// Bytes in hexadecimal, `-` for none.
    pub fn bytes(&mut self) -> Result<Vec<u8>, Box<dyn Error>> {
        match self.word()? {
            "-" => Ok(Vec::new()),
            word => Ok(hex::decode(word)?),
        }
    }

    /// Whether the next word is this one; only then it is taken.
    pub fn has(&mut self, word: &str) -> bool {
        self.words.next_if_eq(&word).is_some()
    }

    /// Whether the next word is the first of these two and not the second.
    pub fn choice(&mut self, yes: &str, no: &str) -> Result<bool, Box<dyn Error>> {
        match self.word()? {
            word if word == yes => Ok(true),
            word if word == no => Ok(false),
            word => Err(format!("neither {yes} nor {no}: {word}").into()),
        }
    }
}

pub fn bytes(bytes: &[u8]) -> String {
    match bytes {
        [] => "-".to_string(),
        _ => hex::encode(bytes),
    }
}

/// An error with its causes, in one line.
fn explain(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    text.replace('\n', " ")
}

fn answer_to(result: Answer) -> String {
    match result {
        Ok(answer) if answer.is_empty() => "ok".to_string(),
        Ok(answer) => format!("ok {answer}"),
        Err(error) if error.is::<Unsupported>() => format!("unsupported {error}"),
        Err(error) => format!("error {}", explain(error.as_ref())),
    }
}

/// Answers each line of the standard input, to its end.
pub fn serve(mut run: impl FnMut(&mut Line) -> Answer) -> io::Result<()> {
    let mut out = io::stdout().lock();
    for text in io::stdin().lock().lines() {
        writeln!(out, "{}", answer_to(run(&mut Line::new(&text?))))?;
        out.flush()?;
    }
    Ok(())
}

mod recorded;
mod shown;

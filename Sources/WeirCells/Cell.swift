package enum Storey {}

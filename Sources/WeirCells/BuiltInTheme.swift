// tidy: table
extension Theme {
  /// The theme `weir`, compiled in so that a program alone in a folder has its look. `themes/weir.theme` is
  /// the same text; `ThemeTests` compares them.
  package static let builtInText = """
    # weir: dark, on whatever background the terminal has. Water, reeds and stone.
    @foam = #dfe7ec
    @stone = #7f8c98
    @slate = #4a5560
    @deep = #1d3a4f
    @shallow = #2b3640
    @water = #6cb6e0
    @spray = #9bd8e8
    @reed = #9ccf8f
    @sand = #e5c07b
    @clay = #e8a06a
    @poppy = #f0717a
    @heather = #c3a6e8

    text = default
    muted = @stone
    title = @water bold
    path = @foam bold
    header = @stone underline
    hint = @stone
    key = @sand bold
    prompt = @foam bold
    link = @water underline

    border = @slate
    borderFocused = @water

    selection = default on @deep bold
    selectionInactive = default on @shallow
    cursorRow = default on @shallow
    match = @sand bold underline
    mark = @heather bold
    playhead = @clay bold

    status = @stone
    statusError = #11181d on @poppy bold
    statusBusy = @spray
    badge = #11181d on @water bold
    menu = @foam on #26313a
    menuSelected = #11181d on @water bold

    number = @spray
    string = @reed
    keyword = @heather bold
    member = @water
    punctuation = @stone
    null = @stone dim

    time = @stone
    type = @foam
    position = @spray
    size = @stone

    added = @reed bold
    changed = @sand
    removed = @poppy underline

    damage = @poppy bold
    warning = @sand underline
    ok = @reed
    guess = @heather dim
    tombstone = @stone reverse

    chart = @water
    chartAlternate = @heather
    chartNegative = @poppy underline

    """
}

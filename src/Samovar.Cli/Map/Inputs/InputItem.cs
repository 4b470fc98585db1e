namespace Samovar.Cli.Map.Inputs;

/// <summary>An item, as it is read from the input and sent to a worker.</summary>
/// <param name="Number">The item's position in the whole input, from 1; the same in every run over the same input.</param>
/// <param name="Text">The text from which the method's parameter is made; the error message if the item is broken.</param>
/// <param name="Line">The line of the file in which the item begins; 0 if it does not come from a file.</param>
/// <param name="IsBroken">Whether the item could not be read.</param>
internal readonly record struct InputItem(long Number, string Text, long Line = 0, bool IsBroken = false);

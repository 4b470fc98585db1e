namespace Samovar.Cli.Map.Inputs;

/// <summary>One item, as it is read and as it travels to a worker.</summary>
/// <param name="Number">Its place in the whole input, from 1; the same in every run over the same input.</param>
/// <param name="Text">What the method's parameter is made of; the complaint where the item is broken.</param>
/// <param name="Line">The line of the file that it begins in; 0 where it comes from no file.</param>
/// <param name="IsBroken">It could not even be read.</param>
internal readonly record struct InputItem(long Number, string Text, long Line = 0, bool IsBroken = false);

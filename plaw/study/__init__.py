"""The paper's experiments as data, the searches for their hyper-parameters, the runs and their records.

experiments          which network, strategy, sizes and samples stand behind each published number
sampling             one sample of an experiment: drawn from its seed, trained, evaluated
search               hyper-parameters, chosen on held-out training digits
spaces, splits       the ranges that are searched, and which examples searches and reported samples are drawn from
recording            search what is not yet chosen, train what is not yet recorded
store, records       the files of the records, and the types of what they hold
results              what the records say: errors, fits, choices
summary, summarise   the summary of the records that travels with the package, and how it is made
"""
